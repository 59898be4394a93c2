-- Service groups: what an administrator changes, who may be a member, and counts of members by grid.

-- Adds a service group, or changes names, purpose, legal basis and use of one that has the version; its class stays.
-- p_texts are Chinese name, English name, purpose, legal basis, class of a new group. NULL where the version is another
-- one: nothing is saved then.
CREATE OR REPLACE FUNCTION save_service_group(
    p_subdistrict_id bigint, p_key text, p_texts text[], p_in_use boolean, p_version integer
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before service_group;
    saved service_group;
BEGIN
    PERFORM require_permission(my_role() = 'admin' AND p_subdistrict_id = ANY (my_whole_subdistricts()));
    SELECT * INTO before FROM service_group g WHERE g.subdistrict_id = p_subdistrict_id AND g.key = p_key FOR UPDATE;
    IF coalesce(before.version, 0) <> p_version THEN
        RETURN NULL;
    END IF;
    IF before.id IS NULL THEN
        INSERT INTO service_group (subdistrict_id, key, name_zh, name_en, purpose, legal_basis, access_class, in_use,
                source)
            VALUES (p_subdistrict_id, p_key, p_texts[1], p_texts[2], nullif(p_texts[3], ''), nullif(p_texts[4], ''),
                p_texts[5], p_in_use, 'administrator')
            ON CONFLICT DO NOTHING RETURNING * INTO saved;
        IF saved.id IS NULL THEN
            RETURN NULL;
        END IF;
    ELSE
        UPDATE service_group SET name_zh = p_texts[1], name_en = p_texts[2], purpose = nullif(p_texts[3], ''),
            legal_basis = nullif(p_texts[4], ''), in_use = p_in_use, version = version + 1, changed_at = now()
            WHERE id = before.id RETURNING * INTO saved;
    END IF;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
        VALUES (p_subdistrict_id, my_account(), 'service_group_saved', 'service_group', saved.id,
            jsonb_build_object('key', p_key, 'from', service_group_values(before), 'to', service_group_values(saved)));
    RETURN saved.version;
END $$;

CREATE OR REPLACE FUNCTION service_group_values(p_group service_group) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN p_group.id IS NOT NULL
        THEN to_jsonb(p_group) - '{id,subdistrict_id,key,source,version,changed_at}'::text[] END
$$;

-- Trigger: nobody becomes a member of a group that is not in use, whoever writes the row; a member may still leave it.
-- It runs after the policies have seen the row.
CREATE OR REPLACE FUNCTION check_service_group_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    IF NOT EXISTS (SELECT FROM service_group g WHERE g.id = NEW.service_group_id AND g.in_use) THEN
        RAISE EXCEPTION 'service group % is not in use', NEW.service_group_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER check_service_group_member AFTER INSERT OR UPDATE OF service_group_id, resident_id
    ON service_group_member FOR EACH ROW EXECUTE FUNCTION check_service_group_member();

-- Trigger: the class of a group never changes; a group of another class is another group.
CREATE OR REPLACE FUNCTION check_service_group_class() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    RAISE EXCEPTION 'the class of a service group never changes' USING ERRCODE = 'check_violation';
END $$;

CREATE OR REPLACE TRIGGER check_service_group_class BEFORE UPDATE OF access_class ON service_group
    FOR EACH ROW WHEN (OLD.access_class IS DISTINCT FROM NEW.access_class)
    EXECUTE FUNCTION check_service_group_class();

CREATE OR REPLACE TRIGGER check_service_group_count AFTER INSERT OR UPDATE
    ON service_group_count FOR EACH ROW EXECUTE FUNCTION check_service_group_member();

-- Members of the service groups in use by building on a day: in a statistical area, either the residents of the roster
-- who are members or the newest counts of its buildings, never both.
CREATE OR REPLACE FUNCTION group_members_by_building(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (service_group_id bigint, building_id bigint, members bigint)
LANGUAGE sql STABLE
AS $$
    SELECT m.service_group_id, h.building_id, count(*)
    FROM service_group_member m
        JOIN service_group g ON g.id = m.service_group_id AND g.in_use
        JOIN resident r ON r.id = m.resident_id AND r.valid @> p_date
        JOIN household h ON h.id = r.household_id AND h.valid @> p_date
    WHERE m.subdistrict_id = p_subdistrict_id AND m.valid @> p_date
    GROUP BY m.service_group_id, h.building_id
    UNION ALL
    SELECT n.service_group_id, n.building_id, n.persons
    FROM (SELECT DISTINCT ON (c.service_group_id, c.building_id) c.service_group_id, c.building_id, c.persons
            FROM service_group_count c WHERE c.subdistrict_id = p_subdistrict_id AND c.as_of <= p_date
            ORDER BY c.service_group_id, c.building_id, c.as_of DESC) n
        JOIN service_group g ON g.id = n.service_group_id AND g.in_use
        JOIN building b ON b.id = n.building_id AND b.valid @> p_date
        JOIN statistical_area_building a ON a.building_id = n.building_id
    WHERE n.persons > 0 AND NOT has_roster(a.statistical_area_id, p_date)
$$;

-- Members of the service groups in use by grid in force on a day, exactly.
CREATE OR REPLACE FUNCTION exact_group_counts(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (service_group_id bigint, community_id bigint, grid_id bigint, members bigint)
LANGUAGE sql STABLE
AS $$
    SELECT m.service_group_id, p.community_id, a.grid_id, sum(m.members)::bigint
    FROM group_members_by_building(p_subdistrict_id, p_date) m
        JOIN building_cell c ON c.building_id = m.building_id
        JOIN assignment a ON a.cell_id = c.cell_id
        JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> p_date
    WHERE p.subdistrict_id = p_subdistrict_id
    GROUP BY m.service_group_id, p.community_id, a.grid_id
$$;

-- The same as readers may know them who see no persons: sums of whole statistical areas of enough households, each in
-- the grid that has most of them. Where a grid of a community has a small count, all grids up to the smallest count
-- that is large enough, and at least two, are given as one sum; a sum that is too small is NULL. Small is below five,
-- and below ten for a sensitive group.
CREATE OR REPLACE FUNCTION pooled_group_counts(
    p_subdistrict_id bigint, p_service_group_id bigint, p_date date, p_minimum integer
) RETURNS TABLE (community_id bigint, grid_id bigint, members bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    WITH in_force AS (
        SELECT p.revision_id, p.community_id, v.land_id FROM adoption p JOIN revision v ON v.id = p.revision_id
        WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
    ), parts AS (
        SELECT f.community_id, b.statistical_area_id, a.grid_id, sum(b.households) AS households
        FROM in_force f JOIN assignment a ON a.revision_id = f.revision_id
            JOIN building_cell c ON c.land_id = f.land_id AND c.cell_id = a.cell_id
            JOIN statistical_area_building b ON b.building_id = c.building_id
        GROUP BY f.community_id, b.statistical_area_id, a.grid_id
    ), areas AS (
        SELECT DISTINCT ON (t.statistical_area_id) t.statistical_area_id, t.community_id, t.grid_id
        FROM (SELECT *, sum(households) OVER (PARTITION BY statistical_area_id) AS area_households FROM parts) t
        WHERE t.area_households >= @min_area_households@
        ORDER BY t.statistical_area_id, t.households DESC, t.grid_id
    ), of_area AS (
        SELECT b.statistical_area_id, sum(m.members) AS members
        FROM group_members_by_building(p_subdistrict_id, p_date) m
            JOIN statistical_area_building b ON b.building_id = m.building_id
        WHERE m.service_group_id = p_service_group_id
        GROUP BY b.statistical_area_id
    ), counts AS (
        SELECT s.community_id, s.grid_id, coalesce(sum(o.members), 0)::bigint AS members
        FROM areas s LEFT JOIN of_area o ON o.statistical_area_id = s.statistical_area_id
        GROUP BY s.community_id, s.grid_id
    ), limits AS (
        SELECT c.community_id, bool_or(c.members BETWEEN 1 AND p_minimum - 1) AS has_small,
            greatest(coalesce(min(c.members) FILTER (WHERE c.members >= p_minimum), p_minimum),
                (array_agg(c.members ORDER BY c.members))[2]) AS pool_limit
        FROM counts c GROUP BY c.community_id
    )
    SELECT c.community_id,
        CASE WHEN NOT (l.has_small AND c.members <= l.pool_limit) THEN c.grid_id END,
        CASE WHEN sum(c.members) NOT BETWEEN 1 AND p_minimum - 1 THEN sum(c.members)::bigint END
    FROM counts c JOIN limits l ON l.community_id = c.community_id GROUP BY 1, 2
$$;

-- Publishes the counts of this month, or of this quarter for sensitive groups, of the groups in use that are not
-- published yet. The day is that of the calendar, never that of a rehearsal. A group whose subdistrict has too few
-- members is not published: its first members then do not hide its counts for a whole period.
CREATE OR REPLACE FUNCTION publish_group_counts(p_subdistrict_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    present_day constant date := (now() AT TIME ZONE coalesce((SELECT time_zone FROM installation), 'UTC'))::date;
    due record;
BEGIN
    PERFORM require_permission(is_owner() OR p_subdistrict_id = ANY (my_subdistricts()));
    FOR due IN
        SELECT g.id, k.minimum, k.first_day FROM service_group g, LATERAL (
                SELECT CASE g.access_class WHEN 'sensitive' THEN 10 ELSE 5 END AS minimum, date_trunc(
                    CASE g.access_class WHEN 'sensitive' THEN 'quarter' ELSE 'month' END, present_day)::date
                        AS first_day) k
        WHERE g.subdistrict_id = p_subdistrict_id AND g.in_use
            AND NOT EXISTS (SELECT FROM published_group_count c
                WHERE c.service_group_id = g.id AND c.first_day = k.first_day)
            AND k.minimum <= (SELECT sum(m.members) FROM group_members_by_building(p_subdistrict_id, present_day) m
                WHERE m.service_group_id = g.id)
        ORDER BY g.id
    LOOP
        PERFORM pg_advisory_xact_lock(hashtext('published'), (p_subdistrict_id % 2147483647)::integer); -- locks.py
        INSERT INTO published_group_count (subdistrict_id, service_group_id, first_day, community_id, grid_id, members)
            SELECT p_subdistrict_id, due.id, due.first_day, c.community_id, c.grid_id, c.members
            FROM pooled_group_counts(p_subdistrict_id, due.id, present_day, due.minimum) c
            WHERE NOT EXISTS (SELECT FROM published_group_count x
                WHERE x.service_group_id = due.id AND x.first_day = due.first_day)
            ORDER BY c.community_id, c.grid_id;
    END LOOP;
END $$;

-- Members of the groups in use by grid: exact for those who see the persons, published ones for the others. A row
-- without a grid is the sum of the grids of a community that have no row of their own; members are NULL where the sum
-- is too small. Workers see groups that are not sensitive, in their own grids.
CREATE OR REPLACE FUNCTION service_group_counts(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (service_group_id bigint, community_id bigint, grid_id bigint, members bigint, first_day date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_role constant text := my_role();
    communities constant bigint[] := my_communities();
    own_grids constant bigint[] := my_grids();
BEGIN
    IF is_owner() OR own_role IN ('worker', 'station') THEN
        RETURN QUERY SELECT g.id, x.community_id, x.grid_id, x.members, NULL::date
            FROM exact_group_counts(p_subdistrict_id, p_date) x JOIN service_group g ON g.id = x.service_group_id
            WHERE (is_owner() OR x.community_id = ANY (communities))
                AND (is_owner() OR own_role = 'station'
                    OR x.grid_id = ANY (own_grids) AND g.access_class <> 'sensitive');
    ELSIF own_role IN ('planner', 'leader') AND p_subdistrict_id = ANY (my_subdistricts()) THEN
        PERFORM publish_group_counts(p_subdistrict_id);
        RETURN QUERY SELECT c.service_group_id, c.community_id, c.grid_id, c.members::bigint, c.first_day
            FROM published_group_count c JOIN service_group g ON g.id = c.service_group_id AND g.in_use
            WHERE c.subdistrict_id = p_subdistrict_id AND c.community_id = ANY (communities)
                AND c.first_day = (SELECT max(l.first_day) FROM published_group_count l
                    WHERE l.service_group_id = c.service_group_id AND l.first_day <= p_date);
    END IF;
END $$;
