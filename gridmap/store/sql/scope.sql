-- Functions that the policies of row-level security call. Each runs as a role that cannot sign in.
-- Every upgrade replaces them, so this file is the one definition. Functions that return one value are plpgsql, whose
-- plans a connection keeps: planning takes several times as long as running, and every request calls several.

CREATE OR REPLACE FUNCTION my_account() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp
AS $$ BEGIN RETURN nullif(current_setting('gridmap.account', true), '')::bigint; END $$;

-- The current date of pages and permissions; a rehearsal may set another.
CREATE OR REPLACE FUNCTION today() RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = public, pg_temp
AS $$ BEGIN RETURN coalesce(nullif(current_setting('gridmap.today', true), '')::date, CURRENT_DATE); END $$;

CREATE OR REPLACE FUNCTION my_role() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN (SELECT role FROM account WHERE id = my_account() AND active); END $$;

CREATE OR REPLACE FUNCTION my_subdistricts() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT s.subdistrict_id), '{}')
    FROM account_scope s JOIN account a ON a.id = s.account_id AND a.active
    WHERE a.id = my_account() AND s.valid @> today());
END $$;

-- Grids of a worker today: by scope, and by the roster.
CREATE OR REPLACE FUNCTION my_grids() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(grid_id), '{}') FROM (
        SELECT s.grid_id FROM account_scope s
        WHERE s.account_id = my_account() AND s.grid_id IS NOT NULL AND s.valid @> today()
        UNION
        SELECT d.grid_id FROM duty d JOIN worker w ON w.id = d.worker_id
        WHERE w.account_id = my_account() AND d.kind = 'own_grid' AND d.valid @> today() AND w.valid @> today()
    ) own_grids);
END $$;

-- Communities of an account today: for a worker those of the own grids; for others those of the scopes, or all
-- communities of the subdistrict where a scope names none.
CREATE OR REPLACE FUNCTION my_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT c.id), '{}')
    FROM community c JOIN account_scope s ON s.subdistrict_id = c.subdistrict_id
        AND s.account_id = my_account() AND s.valid @> today()
    WHERE CASE (SELECT my_role())
        WHEN 'worker' THEN c.id IN (SELECT community_id FROM grid WHERE id = ANY ((SELECT my_grids())::bigint[]))
        ELSE (SELECT my_role()) IS NOT NULL AND (s.community_id IS NULL OR s.community_id = c.id) END);
END $$;

-- Cells whose persons and incidents the account may see: for a worker the cells of the own grids in force, for a
-- station those of its communities, for planners and leaders those of the subdistrict. Other rules hide persons from
-- planners and leaders. The subqueries in parentheses run once, not once for each cell.
CREATE OR REPLACE FUNCTION my_cells() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000 SET search_path = public, pg_temp
AS $$
    SELECT a.cell_id FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> today()
    WHERE my_role() = 'worker' AND a.grid_id = ANY ((SELECT my_grids())::bigint[])
        AND a.subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])
    UNION ALL
    SELECT c.id FROM cell c JOIN account_scope s
        ON s.subdistrict_id = c.subdistrict_id AND (s.community_id IS NULL OR s.community_id = c.community_id)
    WHERE my_role() = 'station' AND s.account_id = my_account() AND s.valid @> today()
    UNION ALL
    SELECT c.id FROM cell c
    WHERE my_role() IN ('planner', 'leader') AND c.subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])
$$;

-- Buildings whose households the account may see by name; only workers and stations have any.
CREATE OR REPLACE FUNCTION my_buildings() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path = public, pg_temp
AS $$
    SELECT b.building_id FROM building_cell b
    WHERE my_role() IN ('worker', 'station') AND b.cell_id IN (SELECT my_cells())
$$;

-- Trigger of tables whose rows nobody changes or deletes, not even the owner.
CREATE OR REPLACE FUNCTION reject_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    RAISE EXCEPTION '% is never changed, only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
