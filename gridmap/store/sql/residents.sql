-- Residents by grid: exact counts for accounts that see the persons, suppressed small counts for the others.

-- A count after disclosure control: NULL for one to four persons, who could be identified by the count.
CREATE OR REPLACE FUNCTION disclose_count(p_count bigint, p_entitled boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN p_entitled OR p_count = 0 OR p_count >= 5 THEN p_count END $$;

-- Whether the account sees the persons of a grid: a worker those of the own grids, a station those of its community.
CREATE OR REPLACE FUNCTION can_see_persons(p_grid_id bigint, p_community_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT is_owner() OR CASE my_role()
        WHEN 'worker' THEN p_grid_id = ANY (my_grids())
        WHEN 'station' THEN p_community_id = ANY (my_communities())
        ELSE false END
$$;

-- Residents of each grid in force on a date; NULL for suppressed counts.
CREATE OR REPLACE FUNCTION residents_by_grid(p_subdistrict_id bigint, p_date date)
RETURNS TABLE (grid_id bigint, residents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH resident_counts AS (
        SELECT a.grid_id, p.community_id, count(*) AS residents
        FROM adoption p
            JOIN revision v ON v.id = p.revision_id
            JOIN assignment a ON a.revision_id = v.id
            JOIN building_cell c ON c.land_id = v.land_id AND c.cell_id = a.cell_id
            JOIN building b ON b.id = c.building_id AND b.valid @> p_date
            JOIN household h ON h.building_id = b.id AND h.valid @> p_date
            JOIN resident r ON r.household_id = h.id AND r.valid @> p_date
        WHERE p.subdistrict_id = p_subdistrict_id AND p.valid @> p_date
            AND (is_owner() OR p.community_id = ANY ((SELECT my_communities())::bigint[]))
        GROUP BY a.grid_id, p.community_id)
    SELECT n.grid_id, disclose_count(n.residents, can_see_persons(n.grid_id, n.community_id)) FROM resident_counts n
$$;
