-- Which part of a subdistrict an account works in, and how many people live there: numbers, never rows.

-- Of a worker the communities of the own grids; of others those of the scope, or all where it names none.
CREATE OR REPLACE FUNCTION my_communities() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT c.id), '{}')
    FROM community c JOIN account_scope s ON s.subdistrict_id = c.subdistrict_id
        AND s.account_id = my_account() AND s.valid @> today()
    WHERE CASE my_role()
        WHEN 'worker' THEN c.id IN (SELECT community_id FROM grid WHERE id = ANY (my_grids()))
        ELSE my_role() IS NOT NULL AND (s.community_id IS NULL OR s.community_id = c.id) END
$$;

-- Residents and registered households by grid in force on a day; those in no grid come without one.
CREATE OR REPLACE FUNCTION living_in(home bigint, day date)
RETURNS TABLE (community_id bigint, grid_id bigint, residents bigint, households bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT b.community_id, a.grid_id, count(r.id), count(DISTINCT h.id)
    FROM household h
        JOIN building b ON b.id = h.building_id AND b.valid @> day
        LEFT JOIN resident r ON r.household_id = h.id AND r.valid @> day
        LEFT JOIN adoption p ON p.community_id = b.community_id AND p.valid @> day
        LEFT JOIN revision v ON v.id = p.revision_id
        LEFT JOIN building_cell c ON c.building_id = b.id AND c.land_id = v.land_id
        LEFT JOIN assignment a ON a.revision_id = v.id AND a.cell_id = c.cell_id
    WHERE h.subdistrict_id = home AND h.valid @> day
        AND (acts_as_owner() OR home = ANY (my_subdistricts()))
    GROUP BY b.community_id, a.grid_id
$$;
