-- Residents by grid: exact counts for accounts that see the persons, sums of statistical areas for the others. In a
-- statistical area, either the roster of persons is counted or the counts of its buildings are added up, never both.

-- A count after disclosure control: NULL for one to four persons, who could be identified by the count.
CREATE OR REPLACE FUNCTION disclose_count(p_count bigint, p_entitled boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN p_entitled OR p_count = 0 OR p_count >= 5 THEN p_count END $$;

-- A part of a disclosed count: NULL if one to four persons are in it, or are not.
CREATE OR REPLACE FUNCTION disclose_part(p_part bigint, p_whole bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN disclose_count(p_part, false) IS NOT NULL AND disclose_count(p_whole - p_part, false) IS NOT NULL
        THEN p_part END
$$;

-- The newest counts of persons up to a date, of the buildings that stand on it. They are no persons, and are added up
-- where a statistical area has no resident in the roster.
CREATE OR REPLACE FUNCTION population_counts_on(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (building_id bigint, statistical_area_id bigint, residents integer, residents_60 integer,
               source varchar, as_of date)
LANGUAGE sql STABLE
AS $$
    WITH newest AS (
        SELECT DISTINCT ON (c.building_id, c.kind) c.building_id, c.kind, c.persons, c.source, c.as_of
        FROM population_count c WHERE c.subdistrict_id = p_subdistrict_id AND c.as_of <= p_date
        ORDER BY c.building_id, c.kind, c.as_of DESC)
    SELECT n.building_id, a.statistical_area_id, n.persons,
        CASE WHEN n.persons = 0 THEN 0 WHEN o.persons IS NOT NULL THEN least(o.persons, n.persons) END,
        n.source, n.as_of
    FROM newest n
        JOIN building b ON b.id = n.building_id AND b.valid @> p_date
        JOIN statistical_area_building a ON a.building_id = n.building_id
        LEFT JOIN newest o ON o.building_id = n.building_id AND o.kind = 'residents_60'
    WHERE n.kind = 'residents'
$$;

-- Counts the residents of statistical areas that have no count of this month yet. A count is written once: it changes
-- by whole months, so that the difference of two days is no person. Areas without residents have no row, and are
-- counted when their residents have been imported.
CREATE OR REPLACE FUNCTION count_areas_of_month(p_subdistrict_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    present_month constant date := date_trunc('month', today())::date;
    oldest_birth_year constant integer := extract(year FROM today()) - 60;
BEGIN
    IF NOT EXISTS (SELECT FROM statistical_area a WHERE a.subdistrict_id = p_subdistrict_id AND NOT EXISTS (
            SELECT FROM statistical_area_count c WHERE c.statistical_area_id = a.id AND c.month = present_month)) THEN
        RETURN;
    END IF;
    INSERT INTO statistical_area_count (statistical_area_id, month, subdistrict_id, residents, residents_60)
    SELECT b.statistical_area_id, present_month, p_subdistrict_id, count(*),
        CASE WHEN count(r.birth_year) > 0 THEN count(*) FILTER (WHERE r.birth_year <= oldest_birth_year) END
    FROM statistical_area_building b
        JOIN household h ON h.building_id = b.building_id AND h.valid @> (SELECT today())
        JOIN resident r ON r.household_id = h.id AND r.valid @> (SELECT today())
    WHERE b.subdistrict_id = p_subdistrict_id AND (is_owner() OR p_subdistrict_id = ANY (my_subdistricts()))
        AND NOT EXISTS (
        SELECT FROM statistical_area_count c WHERE c.statistical_area_id = b.statistical_area_id
            AND c.month = present_month)
    GROUP BY b.statistical_area_id
    ON CONFLICT DO NOTHING;
END $$;

-- Residents of each grid of revisions, as the sum of the statistical areas that belong to it: each to the grid with
-- most of its households. An area that was counted in the month of the date, or in the nearest month that was counted,
-- has that value; otherwise the newest counts of its buildings up to the date are added up.
-- NULL for grids that have parts of areas only, for areas of too few households (a small community is one), and
-- for sums below five. Those of 60 and older are NULL also where they are not known everywhere in the grid.
CREATE OR REPLACE FUNCTION area_residents_by_revision(p_subdistrict_id bigint, p_date date, p_revisions bigint[])
RETURNS TABLE (revision_id bigint, grid_id bigint, residents bigint, residents_60 bigint, by_roster boolean,
               by_counts boolean, source varchar, as_of date)
LANGUAGE sql STABLE SET enable_nestloop = off -- the planner expects few rows; there are all cells of the subdistrict
AS $$
    WITH parts AS (
        SELECT a.revision_id, b.statistical_area_id, a.grid_id, sum(b.households) AS households
        FROM revision v
            JOIN assignment a ON a.revision_id = v.id
            JOIN building_cell c ON c.land_id = v.land_id AND c.cell_id = a.cell_id
            JOIN statistical_area_building b ON b.building_id = c.building_id
        WHERE v.id = ANY (p_revisions)
            AND a.subdistrict_id = p_subdistrict_id AND c.subdistrict_id = p_subdistrict_id
            AND b.subdistrict_id = p_subdistrict_id
        GROUP BY a.revision_id, b.statistical_area_id, a.grid_id
    ), areas AS (
        SELECT DISTINCT ON (t.revision_id, t.statistical_area_id) t.revision_id, t.statistical_area_id, t.grid_id
        FROM (SELECT *, sum(households) OVER (PARTITION BY revision_id, statistical_area_id) AS area_households
            FROM parts) t
        WHERE t.area_households >= @min_area_households@
        ORDER BY t.revision_id, t.statistical_area_id, t.households DESC, t.grid_id
    ), counted AS (
        SELECT c.month FROM statistical_area_count c WHERE c.subdistrict_id = p_subdistrict_id
        ORDER BY c.month > p_date, CASE WHEN c.month > p_date THEN c.month END, c.month DESC LIMIT 1
    ), area_counts AS (
        SELECT p.statistical_area_id, sum(p.residents) AS residents,
            CASE WHEN bool_and(p.residents_60 IS NOT NULL) THEN sum(p.residents_60) END AS residents_60,
            max(p.as_of) AS as_of, (array_agg(p.source ORDER BY p.as_of DESC, p.source))[1] AS source
        FROM population_counts_on(p_subdistrict_id, p_date) p GROUP BY p.statistical_area_id
    ), figures AS (
        SELECT s.revision_id, s.grid_id, coalesce(m.residents, c.residents, 0) AS residents,
            CASE WHEN m.residents IS NOT NULL THEN m.residents_60 WHEN c.residents IS NOT NULL THEN c.residents_60
                ELSE 0 END AS residents_60,
            m.residents IS NOT NULL AS by_roster, m.residents IS NULL AND c.residents IS NOT NULL AS by_counts,
            c.source, c.as_of
        FROM areas s
            LEFT JOIN statistical_area_count m ON m.statistical_area_id = s.statistical_area_id
                AND m.month = (SELECT n.month FROM counted n)
            LEFT JOIN area_counts c ON c.statistical_area_id = s.statistical_area_id
    ), sums AS (
        SELECT f.revision_id, f.grid_id, sum(f.residents)::bigint AS residents,
            CASE WHEN bool_and(f.residents_60 IS NOT NULL) THEN sum(f.residents_60)::bigint END AS residents_60,
            bool_or(f.by_roster) AS by_roster, bool_or(f.by_counts) AS by_counts,
            max(f.as_of) FILTER (WHERE f.by_counts) AS as_of,
            (array_agg(f.source ORDER BY f.as_of DESC, f.source) FILTER (WHERE f.by_counts))[1] AS source
        FROM figures f GROUP BY f.revision_id, f.grid_id)
    SELECT g.revision_id, g.grid_id, disclose_count(s.residents, false), disclose_part(s.residents_60, s.residents),
        coalesce(s.by_roster, false), coalesce(s.by_counts, false), s.source, s.as_of
    FROM (SELECT DISTINCT t.revision_id, t.grid_id FROM parts t) g
        LEFT JOIN sums s ON s.revision_id = g.revision_id AND s.grid_id = g.grid_id
$$;

-- The same for the grids that a date has in force.
CREATE OR REPLACE FUNCTION area_residents_by_grid(p_subdistrict_id bigint, p_date date, p_communities bigint[])
RETURNS TABLE (grid_id bigint, residents bigint, residents_60 bigint, by_roster boolean, by_counts boolean,
               source varchar, as_of date)
LANGUAGE sql STABLE
AS $$
    SELECT r.grid_id, r.residents, r.residents_60, r.by_roster, r.by_counts, r.source, r.as_of
    FROM area_residents_by_revision(p_subdistrict_id, p_date, ARRAY(
        SELECT p.revision_id FROM adoption p WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
            AND p.community_id = ANY (p_communities))) r
$$;

-- Whether a resident of a statistical area is in the roster on a date: then its counts of persons are not used.
CREATE OR REPLACE FUNCTION has_roster(p_statistical_area_id bigint, p_date date) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT FROM statistical_area_building a
            JOIN household h ON h.building_id = a.building_id AND h.valid @> p_date
            JOIN resident r ON r.household_id = h.id AND r.valid @> p_date
        WHERE a.statistical_area_id = p_statistical_area_id)
$$;

-- Residents of each grid in force on a date, exactly: by the roster, or by the counts of buildings in areas without.
-- For other functions, which check the rights: of the given communities and grids, NULL for all.
CREATE OR REPLACE FUNCTION exact_residents_by_grid(
    p_subdistrict_id bigint, p_date date, p_communities bigint[], p_grids bigint[])
RETURNS TABLE (grid_id bigint, residents bigint, residents_60 bigint, by_roster boolean, by_counts boolean,
               source varchar, as_of date)
LANGUAGE sql STABLE
AS $$
    WITH located AS MATERIALIZED (
        SELECT a.grid_id, b.id AS building_id
        FROM adoption p
            JOIN revision v ON v.id = p.revision_id
            JOIN assignment a ON a.revision_id = v.id
            JOIN building_cell c ON c.land_id = v.land_id AND c.cell_id = a.cell_id
            JOIN building b ON b.id = c.building_id AND b.valid @> p_date
        WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
            AND (p_communities IS NULL OR p.community_id = ANY (p_communities))
            AND (p_grids IS NULL OR a.grid_id = ANY (p_grids))
    ), recorded AS (
        SELECT l.grid_id, count(*) AS residents, CASE WHEN count(r.birth_year) > 0
            THEN count(*) FILTER (WHERE r.birth_year <= extract(year FROM p_date) - 60) END AS residents_60
        FROM located l
            JOIN household h ON h.building_id = l.building_id AND h.valid @> p_date
            JOIN resident r ON r.household_id = h.id AND r.valid @> p_date
        GROUP BY l.grid_id
    ), counted AS (
        SELECT l.grid_id, sum(p.residents)::bigint AS residents,
            CASE WHEN bool_and(p.residents_60 IS NOT NULL) THEN sum(p.residents_60)::bigint END AS residents_60,
            max(p.as_of) AS as_of, (array_agg(p.source ORDER BY p.as_of DESC, p.source))[1] AS source
        FROM population_counts_on(p_subdistrict_id, p_date) p JOIN located l ON l.building_id = p.building_id
        WHERE NOT has_roster(p.statistical_area_id, p_date)
        GROUP BY l.grid_id)
    SELECT coalesce(r.grid_id, c.grid_id), coalesce(r.residents, 0) + coalesce(c.residents, 0),
        CASE WHEN r.grid_id IS NULL THEN c.residents_60 WHEN c.grid_id IS NULL THEN r.residents_60
            ELSE r.residents_60 + c.residents_60 END,
        r.grid_id IS NOT NULL, c.grid_id IS NOT NULL, c.source, c.as_of
    FROM recorded r FULL JOIN counted c ON c.grid_id = r.grid_id
$$;

-- Residents of each grid in force on a date: exact for accounts that see the persons of the grid, sums of statistical
-- areas for the others.
CREATE OR REPLACE FUNCTION residents_by_grid(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (grid_id bigint, residents bigint, residents_60 bigint, by_roster boolean, by_counts boolean,
               source varchar, as_of date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_role constant text := my_role();
    communities constant bigint[] := my_communities();
    own_grids constant bigint[] := my_grids();
BEGIN
    IF is_owner() OR own_role IN ('worker', 'station') THEN
        RETURN QUERY SELECT e.* FROM exact_residents_by_grid(p_subdistrict_id, p_date,
            CASE WHEN NOT is_owner() THEN communities END,
            CASE WHEN NOT is_owner() AND own_role <> 'station' THEN own_grids END) e;
    END IF;
    IF own_role IN ('worker', 'planner', 'leader', 'admin') AND p_subdistrict_id = ANY (my_subdistricts()) THEN
        PERFORM count_areas_of_month(p_subdistrict_id);
        RETURN QUERY SELECT s.*
        FROM area_residents_by_grid(p_subdistrict_id, p_date, communities) s WHERE s.grid_id <> ALL (own_grids);
    END IF;
END $$;
