-- Scopes: the subdistrict, community or grid that the role of an account holds in today. The policies of row-level
-- security call these functions. Each runs as a role that cannot sign in.
-- Every upgrade replaces them, so this file is the one definition. Functions that return one value are plpgsql, whose
-- plans a connection keeps: planning takes several times as long as running, and every request calls several.

-- Whether a role can honour a scope of a level; the table is that of gridmap.core.privacy.scope_levels.
CREATE OR REPLACE FUNCTION is_scope_level_allowed(p_role text, p_community_id bigint, p_grid_id bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT (p_role, CASE WHEN p_grid_id IS NOT NULL THEN 'grid' WHEN p_community_id IS NOT NULL THEN 'community'
        ELSE 'subdistrict' END) IN (@scope_levels@)
$$;

-- Trigger: a scope that the role cannot honour is refused, and so is a right to approve for a role that does not plan.
CREATE OR REPLACE FUNCTION check_scope() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    scope_role constant text := (SELECT role FROM account WHERE id = NEW.account_id);
BEGIN
    IF NOT is_scope_level_allowed(scope_role, NEW.community_id, NEW.grid_id) THEN
        RAISE EXCEPTION 'a % has no scope of this level', scope_role USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.can_approve AND scope_role <> 'planner' THEN
        RAISE EXCEPTION 'only a planner is given the right to approve' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER check_scope BEFORE INSERT OR UPDATE OF account_id, community_id, grid_id, can_approve
    ON account_scope FOR EACH ROW EXECUTE FUNCTION check_scope();

CREATE OR REPLACE FUNCTION my_role() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account(); -- once; within the query it would run for the planner, too
BEGIN
    RETURN (SELECT role FROM account WHERE id = own_id);
END $$;

-- Scopes of an account on a day that its role can honour; a row from before the table of levels may be another. The
-- functions that end in _of run with the rights of their caller, which is the role that reads everything within the
-- others. This one has no settings, so that the planner writes it into the query that calls it.
CREATE OR REPLACE FUNCTION scopes_of(p_account_id bigint, p_day date)
RETURNS TABLE (role varchar, subdistrict_id bigint, community_id bigint, grid_id bigint, can_approve boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
AS $$
    SELECT a.role, s.subdistrict_id, s.community_id, s.grid_id, a.role = 'leader' OR s.can_approve
    FROM account_scope s JOIN account a ON a.id = s.account_id
    WHERE a.id = p_account_id AND s.valid @> p_day AND is_scope_level_allowed(a.role, s.community_id, s.grid_id)
$$;

-- Subdistricts in which the account has a scope today.
CREATE OR REPLACE FUNCTION my_subdistricts() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account(); -- once; within the query it would run for the planner, too
    present_day constant date := today();
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT s.subdistrict_id), '{}') FROM scopes_of(own_id, present_day) s);
END $$;

-- Subdistricts that a scope of an account covers as a whole.
CREATE OR REPLACE FUNCTION whole_subdistricts_of(p_account_id bigint, p_day date) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT s.subdistrict_id), '{}') FROM scopes_of(p_account_id, p_day) s
        WHERE s.community_id IS NULL);
END $$;

CREATE OR REPLACE FUNCTION my_whole_subdistricts() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN whole_subdistricts_of(my_account(), today()); END $$;

-- Grids of a worker: by scope, and by the roster as far as a scope reaches: as the one in charge or as a worker of it,
-- not as a volunteer or another helper. No other role has any.
CREATE OR REPLACE FUNCTION grids_of(p_account_id bigint, p_day date) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$ BEGIN
    IF (SELECT role FROM account WHERE id = p_account_id) IS DISTINCT FROM 'worker' THEN
        RETURN '{}';
    END IF;
    RETURN (SELECT coalesce(array_agg(own_grids.grid_id), '{}') FROM (
        SELECT s.grid_id FROM scopes_of(p_account_id, p_day) s WHERE s.grid_id IS NOT NULL
        UNION
        SELECT d.grid_id FROM duty d JOIN worker w ON w.id = d.worker_id JOIN grid g ON g.id = d.grid_id
            JOIN scopes_of(p_account_id, p_day) s ON s.subdistrict_id = g.subdistrict_id
                AND (s.community_id IS NULL OR s.community_id = g.community_id)
                AND (s.grid_id IS NULL OR s.grid_id = g.id)
        WHERE w.account_id = p_account_id AND d.kind = 'own_grid' AND d.role IN ('grid_leader', 'grid_worker')
            AND d.valid @> p_day AND w.valid @> p_day
    ) own_grids);
END $$;

CREATE OR REPLACE FUNCTION my_grids() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN grids_of(my_account(), today()); END $$;

-- Communities of an account: for a worker those of the own grids; for others those of the scopes, or all communities of
-- the subdistrict where a scope names none.
CREATE OR REPLACE FUNCTION communities_of(p_account_id bigint, p_day date) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$ BEGIN
    IF (SELECT role FROM account WHERE id = p_account_id) = 'worker' THEN
        RETURN (SELECT coalesce(array_agg(DISTINCT g.community_id), '{}') FROM grid g
            WHERE g.id = ANY ((SELECT grids_of(p_account_id, p_day))::bigint[]));
    END IF;
    RETURN (SELECT coalesce(array_agg(DISTINCT c.id), '{}') FROM scopes_of(p_account_id, p_day) s JOIN community c
        ON c.subdistrict_id = s.subdistrict_id AND (s.community_id IS NULL OR s.community_id = c.id));
END $$;

CREATE OR REPLACE FUNCTION my_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN RETURN communities_of(my_account(), today()); END $$;

-- Communities whose plans the account may approve: a leader those of the scopes, a planner where the right is given.
CREATE OR REPLACE FUNCTION my_approval_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    present_day constant date := today();
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT c.id), '{}') FROM scopes_of(own_id, present_day) s JOIN community c
        ON c.subdistrict_id = s.subdistrict_id AND (s.community_id IS NULL OR s.community_id = c.id)
    WHERE s.can_approve);
END $$;

-- Whether a place lies within the account's scopes; a place without a community needs a scope of its whole subdistrict.
CREATE OR REPLACE FUNCTION is_in_my_scope(p_subdistrict_id bigint, p_community_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN p_subdistrict_id = ANY (my_whole_subdistricts())
        OR (p_subdistrict_id = ANY (my_subdistricts()) AND coalesce(p_community_id = ANY (my_communities()), false));
END $$;

-- Cells whose persons and incidents the account may see: for a worker the cells of the own grids in force, for the
-- others those of their communities. Other rules hide persons from planners and leaders. The subqueries in parentheses
-- run once, not once for each cell.
CREATE OR REPLACE FUNCTION my_cells() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000 SET search_path = public, pg_temp
AS $$
    SELECT a.cell_id FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> (SELECT today())
    WHERE (SELECT my_role()) = 'worker' AND a.grid_id = ANY ((SELECT my_grids())::bigint[])
        AND a.subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])
    UNION ALL
    SELECT c.id FROM cell c
    WHERE (SELECT my_role()) IN ('station', 'planner', 'leader')
        AND c.community_id = ANY ((SELECT my_communities())::bigint[])
$$;

-- Buildings whose households the account may see by name; only workers and stations have any. A station sees those that
-- are in its communities today: a building that a mended boundary gave to another one has cells in both lands.
CREATE OR REPLACE FUNCTION my_buildings() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path = public, pg_temp
AS $$
    SELECT b.building_id FROM building_cell b
    WHERE (SELECT my_role()) = 'worker' AND b.cell_id IN (SELECT my_cells())
    UNION ALL
    SELECT b.id FROM building b
    WHERE (SELECT my_role()) = 'station' AND b.community_id = ANY ((SELECT my_communities())::bigint[])
$$;

-- Trigger of tables whose rows nobody changes or deletes, not even the owner.
CREATE OR REPLACE FUNCTION reject_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    RAISE EXCEPTION '% is never changed, only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
