-- Residents by grid: exact counts for accounts that see the persons, sums of statistical areas for the others.

-- A count after disclosure control: NULL for one to four persons, who could be identified by the count.
CREATE OR REPLACE FUNCTION disclose_count(p_count bigint, p_entitled boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN p_entitled OR p_count = 0 OR p_count >= 5 THEN p_count END $$;

-- Counts the residents of statistical areas that have no count of this month yet. A count is written once: it changes
-- by whole months, so that the difference of two days is no person. Areas without residents have no row, and are
-- counted when their residents have been imported.
CREATE OR REPLACE FUNCTION count_areas_of_month(p_subdistrict_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    present_month constant date := date_trunc('month', today())::date;
BEGIN
    IF NOT EXISTS (SELECT FROM statistical_area a WHERE a.subdistrict_id = p_subdistrict_id AND NOT EXISTS (
            SELECT FROM statistical_area_count c WHERE c.statistical_area_id = a.id AND c.month = present_month)) THEN
        RETURN;
    END IF;
    INSERT INTO statistical_area_count (statistical_area_id, month, subdistrict_id, residents)
    SELECT b.statistical_area_id, present_month, p_subdistrict_id, count(*)
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
-- most of its households. The values are of the month of the date, or of the nearest month that was counted.
-- NULL for grids that have parts of areas only, for areas of too few households (a small community is one), and
-- for sums below five.
CREATE OR REPLACE FUNCTION area_residents_by_revision(p_subdistrict_id bigint, p_date date, p_revisions bigint[])
RETURNS TABLE (revision_id bigint, grid_id bigint, residents bigint)
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
    ), sums AS (
        SELECT s.revision_id, s.grid_id, coalesce(sum(c.residents), 0)::bigint AS residents FROM areas s
            LEFT JOIN statistical_area_count c ON c.statistical_area_id = s.statistical_area_id
                AND c.month = (SELECT m.month FROM counted m)
        GROUP BY s.revision_id, s.grid_id)
    SELECT g.revision_id, g.grid_id, disclose_count(s.residents, false)
    FROM (SELECT DISTINCT t.revision_id, t.grid_id FROM parts t) g
        LEFT JOIN sums s ON s.revision_id = g.revision_id AND s.grid_id = g.grid_id
$$;

-- The same for the grids that a date has in force.
CREATE OR REPLACE FUNCTION area_residents_by_grid(p_subdistrict_id bigint, p_date date, p_communities bigint[])
RETURNS TABLE (grid_id bigint, residents bigint)
LANGUAGE sql STABLE
AS $$
    SELECT r.grid_id, r.residents FROM area_residents_by_revision(p_subdistrict_id, p_date, ARRAY(
        SELECT p.revision_id FROM adoption p WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
            AND p.community_id = ANY (p_communities))) r
$$;

-- Residents of each grid in force on a date: exact for accounts that see the persons of the grid, sums of statistical
-- areas for the others.
CREATE OR REPLACE FUNCTION residents_by_grid(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (grid_id bigint, residents bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_role constant text := my_role();
    communities constant bigint[] := my_communities();
    own_grids constant bigint[] := my_grids();
BEGIN
    IF is_owner() OR own_role IN ('worker', 'station') THEN
        RETURN QUERY SELECT a.grid_id, count(*)
        FROM adoption p
            JOIN revision v ON v.id = p.revision_id
            JOIN assignment a ON a.revision_id = v.id
            JOIN building_cell c ON c.land_id = v.land_id AND c.cell_id = a.cell_id
            JOIN building b ON b.id = c.building_id AND b.valid @> p_date
            JOIN household h ON h.building_id = b.id AND h.valid @> p_date
            JOIN resident r ON r.household_id = h.id AND r.valid @> p_date
        WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
            AND (is_owner() OR p.community_id = ANY (communities))
            AND (is_owner() OR own_role = 'station' OR a.grid_id = ANY (own_grids))
        GROUP BY a.grid_id;
    END IF;
    IF own_role IN ('worker', 'planner', 'leader', 'admin') AND p_subdistrict_id = ANY (my_subdistricts()) THEN
        PERFORM count_areas_of_month(p_subdistrict_id);
        RETURN QUERY SELECT s.grid_id, s.residents
        FROM area_residents_by_grid(p_subdistrict_id, p_date, communities) s WHERE s.grid_id <> ALL (own_grids);
    END IF;
END $$;
