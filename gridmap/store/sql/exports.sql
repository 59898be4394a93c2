-- Exports: what left the service as a file is in the audit.

-- Records that a table which the account sees was exported, in each of its subdistricts or in one community.
CREATE OR REPLACE FUNCTION record_table_export(
    p_subdistrict_ids bigint[], p_community_id bigint, p_details jsonb, p_ip_address inet
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_role() IS NOT NULL AND cardinality(p_subdistrict_ids) > 0
        AND p_subdistrict_ids <@ my_subdistricts()
        AND (p_community_id IS NULL OR cardinality(p_subdistrict_ids) = 1
            AND is_in_my_scope(p_subdistrict_ids[1], p_community_id)));
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
        SELECT id, p_community_id, my_account(), 'export', CASE WHEN p_community_id IS NULL THEN 'subdistrict'
            ELSE 'community' END, coalesce(p_community_id, id), p_details, p_ip_address
        FROM unnest(p_subdistrict_ids) AS id;
END $$;
