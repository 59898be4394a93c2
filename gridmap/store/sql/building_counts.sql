-- Counts of buildings that were entered for a wrong day: a planner removes them with a reason. The journal keeps the
-- values of the row, the audit who removed it and why; persons of one building are not in the audit.

-- Removes a count of households, or of persons together with those of 60 and older of the same day. Returns whether
-- there was one.
CREATE OR REPLACE FUNCTION remove_building_count(p_building_id bigint, p_kind text, p_as_of date, p_reason text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    place building;
BEGIN
    SELECT * INTO place FROM building b WHERE b.id = p_building_id;
    PERFORM require_permission(length(btrim(p_reason)) > 0
        AND (is_owner() OR my_role() = 'planner' AND place.community_id = ANY (my_communities())));
    WITH households AS (DELETE FROM household_count c
            WHERE c.building_id = place.id AND c.kind = p_kind AND c.as_of = p_as_of RETURNING c.id, c.kind),
        persons AS (DELETE FROM population_count c
            WHERE c.building_id = place.id AND c.as_of = p_as_of
                AND (c.kind = p_kind OR c.kind = 'residents_60' AND p_kind = 'residents') RETURNING c.id, c.kind)
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details)
        SELECT place.subdistrict_id, place.community_id, my_account(), 'count_removed', 'building', place.id,
            btrim(p_reason), jsonb_build_object('table', r.of_table, 'count', r.id, 'kind', r.kind, 'as_of', p_as_of)
        FROM (SELECT 'household_count' AS of_table, h.id, h.kind FROM households h
            UNION ALL SELECT 'population_count', p.id, p.kind FROM persons p) r ORDER BY r.kind;
    RETURN FOUND;
END $$;

-- Counts of a building that were removed, the newest removal first, for planners of its community. Number and source
-- are those of the journal, until its earlier values are removed.
CREATE OR REPLACE FUNCTION removed_building_counts(p_building_id bigint)
RETURNS TABLE (removed_at timestamptz, actor_name text, reason text, kind text, as_of date, number integer, source text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR my_role() = 'planner' AND EXISTS (SELECT FROM building b
        WHERE b.id = p_building_id AND b.community_id = ANY (my_communities())));
    RETURN QUERY SELECT a.at, coalesce(nullif(o.display_name, ''), o.name)::text, a.reason::text, a.details->>'kind',
        (a.details->>'as_of')::date, coalesce(r.before->>'households', r.before->>'persons')::integer,
        r.before->>'source'
    FROM audit a LEFT JOIN account o ON o.id = a.account_id
        LEFT JOIN record_change r ON r.table_name = a.details->>'table' AND r.row_id = (a.details->>'count')::bigint
            AND r.action = 'delete'
    WHERE a.subject = 'building' AND a.subject_id = p_building_id AND a.action = 'count_removed'
    ORDER BY a.id DESC;
END $$;
