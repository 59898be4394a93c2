-- Published counts: all that accounts see of personal and sensitive incidents that they may not see. A period is
-- published once, when it has closed, and never again: no difference of two answers is a small count.

-- The counts of a period by place, pooled. The places of a community are its grids in force on the last day, and the
-- land in none of them. Where a place has one to four incidents, all grids up to the smallest count of five or more,
-- and at least two, are given as one sum with the land in no grid. A sum of one to four is NULL.
CREATE OR REPLACE FUNCTION pooled_incident_counts(
    p_subdistrict_id bigint, p_class text, p_first_day date, p_last_day date, p_zone text
) RETURNS TABLE (community_id bigint, grid_id bigint, incidents bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    WITH entered AS (
        SELECT CASE WHEN f.incident_id IS NULL THEN i.cell_id ELSE f.cell_id END AS cell_id, count(*) AS incidents
        FROM incident i
            LEFT JOIN incident_former_cell f ON f.incident_id = i.id AND f.valid @> p_last_day
        WHERE i.subdistrict_id = p_subdistrict_id AND i.access_class = p_class
            AND i.reported_at >= p_first_day::timestamp AT TIME ZONE p_zone
            AND i.reported_at < (p_last_day + 1)::timestamp AT TIME ZONE p_zone
        GROUP BY 1
    ), in_force AS (
        SELECT p.revision_id, p.community_id FROM adoption p
        WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_last_day
    ), located AS (
        SELECT c.community_id, a.grid_id, sum(e.incidents) AS incidents
        FROM entered e LEFT JOIN cell c ON c.id = e.cell_id
            LEFT JOIN (SELECT t.cell_id, t.grid_id FROM assignment t JOIN in_force USING (revision_id)) a
                ON a.cell_id = e.cell_id
        GROUP BY c.community_id, a.grid_id
    ), places AS (
        SELECT f.community_id, r.grid_id FROM in_force f JOIN revision_grid r USING (revision_id)
        UNION SELECT c.id, NULL FROM community c WHERE c.subdistrict_id = p_subdistrict_id
        UNION SELECT NULL, NULL
    ), counts AS (
        SELECT p.community_id, p.grid_id, coalesce(l.incidents, 0) AS incidents
        FROM places p LEFT JOIN located l ON l.community_id IS NOT DISTINCT FROM p.community_id
            AND l.grid_id IS NOT DISTINCT FROM p.grid_id
    ), limits AS (
        SELECT c.community_id, bool_or(c.incidents BETWEEN 1 AND 4) AS has_small,
            greatest(coalesce(min(c.incidents) FILTER (WHERE c.incidents >= 5 AND c.grid_id IS NOT NULL), 5),
                (array_agg(c.incidents ORDER BY c.incidents) FILTER (WHERE c.grid_id IS NOT NULL))[2]) AS pool_limit,
            count(c.grid_id) AS grids
        FROM counts c GROUP BY c.community_id
    ), pooled AS (
        SELECT c.community_id, sum(c.incidents) AS incidents, min(l.grids) AS grids, count(c.grid_id) AS pooled_grids,
            CASE WHEN c.grid_id IS NOT NULL AND NOT (l.has_small AND c.incidents <= l.pool_limit) THEN c.grid_id END
                AS grid_id
        FROM counts c JOIN limits l ON l.community_id IS NOT DISTINCT FROM c.community_id
        GROUP BY c.community_id, 5
    )
    SELECT p.community_id, p.grid_id, CASE WHEN p.incidents NOT BETWEEN 1 AND 4 THEN p.incidents END
    FROM pooled p WHERE p.grid_id IS NOT NULL OR p.incidents > 0 OR p.grids = 0 OR p.pooled_grids > 0
$$;

-- Publishes the closed months of personal and the closed quarters of sensitive incidents of a subdistrict that are not
-- published yet, from the first incident entered on. The day is that of the calendar, never that of a rehearsal.
CREATE OR REPLACE FUNCTION publish_closed_counts(p_subdistrict_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    zone constant text := coalesce((SELECT time_zone FROM installation), 'UTC');
    present_day constant date := (now() AT TIME ZONE zone)::date;
    span record;
BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('publish_counts')
        OR p_subdistrict_id = ANY (my_subdistricts()));
    PERFORM pg_advisory_xact_lock(hashtext('published'), (p_subdistrict_id % 2147483647)::integer); -- store/locks.py
    FOR span IN
        SELECT k.access_class, s.first_day::date AS first_day, (s.first_day + k.length)::date - 1 AS last_day
        FROM (VALUES ('personal', 'month', interval '1 month'), ('sensitive', 'quarter', interval '3 months'))
                AS k (access_class, unit, length),
            LATERAL (SELECT min(i.reported_at) AT TIME ZONE zone AS entered FROM incident i
                WHERE i.subdistrict_id = p_subdistrict_id AND i.access_class = k.access_class) AS f,
            LATERAL generate_series(date_trunc(k.unit, f.entered), date_trunc(k.unit, present_day::timestamp)
                - k.length, k.length) AS s (first_day)
        WHERE NOT EXISTS (SELECT FROM published_count p WHERE p.subdistrict_id = p_subdistrict_id
            AND p.access_class = k.access_class AND p.first_day = s.first_day::date)
        ORDER BY 1, 2
    LOOP
        INSERT INTO published_count (subdistrict_id, access_class, first_day, last_day, community_id, grid_id,
                incidents)
            SELECT p_subdistrict_id, span.access_class, span.first_day, span.last_day, c.community_id, c.grid_id,
                c.incidents
            FROM pooled_incident_counts(p_subdistrict_id, span.access_class, span.first_day, span.last_day, zone) AS c
            ORDER BY c.community_id, c.grid_id;
    END LOOP;
END $$;
