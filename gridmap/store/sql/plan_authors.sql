-- Display names of the accounts that created or approved plans of a subdistrict, for accounts that see the plans.
CREATE OR REPLACE FUNCTION plan_authors(p_subdistrict_id bigint) RETURNS TABLE (account_id bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH authors AS (
        SELECT created_by AS id, community_id FROM revision WHERE subdistrict_id = p_subdistrict_id
        UNION
        SELECT adopted_by, community_id FROM adoption WHERE subdistrict_id = p_subdistrict_id)
    SELECT a.id, a.display_name FROM account a
    WHERE a.id IN (SELECT w.id FROM authors w WHERE is_owner()
        OR ((SELECT my_role()) <> 'worker' AND w.community_id = ANY ((SELECT my_communities())::bigint[])))
$$;
