-- How many people live in each grid: numbers for those who may not see the persons, and no small ones.

-- A count as it may be told: one to four persons are as good as named to whoever knows the place.
CREATE OR REPLACE FUNCTION told(persons bigint, entitled boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN entitled OR persons = 0 OR persons >= 5 THEN persons END $$;

-- Whether the account sees the persons of a grid one by one: a worker those of the own grids, a station its community's.
CREATE OR REPLACE FUNCTION sees_persons_of(grid bigint, community bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT acts_as_owner() OR CASE my_role()
        WHEN 'worker' THEN grid = ANY (my_grids())
        WHEN 'station' THEN EXISTS (
            SELECT FROM account_scope s JOIN community c ON c.subdistrict_id = s.subdistrict_id AND c.id = community
            WHERE s.account_id = my_account() AND s.valid @> today()
                AND (s.community_id IS NULL OR s.community_id = community))
        ELSE false END
$$;

-- Residents by grid in force on a day; NULL where they are too few to be told.
DROP FUNCTION IF EXISTS residents_by_grid(bigint, date); -- columns that are returned cannot be replaced
CREATE FUNCTION residents_by_grid(home bigint, day date)
RETURNS TABLE (grid_id bigint, residents bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH living AS (
        SELECT a.grid_id, p.community_id, count(*) AS residents
        FROM adoption p
            JOIN revision v ON v.id = p.revision_id
            JOIN assignment a ON a.revision_id = v.id
            JOIN building_cell c ON c.land_id = v.land_id AND c.cell_id = a.cell_id
            JOIN building b ON b.id = c.building_id AND b.valid @> day
            JOIN household h ON h.building_id = b.id AND h.valid @> day
            JOIN resident r ON r.household_id = h.id AND r.valid @> day
        WHERE p.subdistrict_id = home AND p.valid @> day AND (acts_as_owner() OR home = ANY (my_subdistricts()))
        GROUP BY a.grid_id, p.community_id)
    SELECT l.grid_id, told(l.residents, sees_persons_of(l.grid_id, l.community_id)) FROM living l
$$;
