-- Open cases that are handed over, and the notices of those whose promised day has passed: work of the periodic task.

-- The grid in force today that a cell belongs to.
CREATE OR REPLACE FUNCTION grid_of_cell(p_cell_id bigint) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT a.grid_id FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id AND p.valid @> today()
    WHERE a.cell_id = p_cell_id
$$;

-- The grid in force today in which an incident counts: on a border street the one that the plan gives the street to,
-- else that of its cell, as gridmap.store.queries.grids.incident_places has it.
CREATE OR REPLACE FUNCTION grid_of_incident(p_incident incident) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT CASE WHEN min(s.grid_id) = max(s.grid_id) THEN min(s.grid_id) END
            FROM revision_street s JOIN adoption p ON p.revision_id = s.revision_id AND p.valid @> today()
            WHERE p_incident.access_class = 'ordinary' AND s.street_id = p_incident.street_id
                AND (s.first_grid_id, s.second_grid_id) IN (
                    SELECT least(own.grid_id, other.grid_id), greatest(own.grid_id, other.grid_id)
                    FROM unnest(p_incident.near_cell_ids) n (cell_id)
                        CROSS JOIN LATERAL (SELECT grid_of_cell(n.cell_id) AS grid_id) other)),
        own.grid_id)
    FROM (SELECT grid_of_cell(p_incident.cell_id) AS grid_id) own
$$;

-- The worker in charge of a grid today who has an account in use; NULL without one.
CREATE OR REPLACE FUNCTION worker_in_charge(p_grid_id bigint) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT w.id FROM duty d JOIN worker w ON w.id = d.worker_id AND w.valid @> today()
        JOIN account a ON a.id = w.account_id AND a.active AND a.role = 'worker'
    WHERE d.grid_id = p_grid_id AND d.in_charge AND d.valid @> today()
$$;

-- The worker of the incident's community whose line of work (A岗) its category belongs to today, with an account in
-- use; the one with the fewest open cases where there are several, NULL without one.
CREATE OR REPLACE FUNCTION worker_of_line(p_incident incident) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT w.id FROM incident_category k JOIN duty d ON d.kind = 'field' AND d.line_of_work = k.line_of_work
            AND d.subdistrict_id = k.subdistrict_id AND d.valid @> today()
        JOIN worker w ON w.id = d.worker_id AND w.valid @> today()
        JOIN account a ON a.id = w.account_id AND a.active AND a.role = 'worker'
        JOIN cell c ON c.id = p_incident.cell_id AND c.community_id = w.community_id
    WHERE k.subdistrict_id = p_incident.subdistrict_id AND k.key = p_incident.category
    ORDER BY (SELECT count(*) FROM incident_case o WHERE o.handler_id = w.id
        AND o.state IN ('assigned', 'in_progress')), w.name, w.id LIMIT 1
$$;

-- Hands open cases over, for the periodic task: those of workers who left office go, and those that a worker has for
-- the grid (B岗) go where another worker is in charge of the place today. The colleague whose line of work (A岗) it is
-- comes first, then the one in charge of the grid. Where there is neither, the station gets them back.
CREATE OR REPLACE FUNCTION hand_over_cases() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    due record;
    line_id bigint;
    new_handler_id bigint;
    number bigint := 0;
BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('hand_over_cases'));
    FOR due IN
        SELECT c AS before, i AS incident, g.grid_id
        FROM incident_case c JOIN incident i ON i.id = c.incident_id
            JOIN worker w ON w.id = c.handler_id LEFT JOIN account a ON a.id = w.account_id
            CROSS JOIN LATERAL (SELECT grid_of_incident(i) AS grid_id) g
        WHERE c.state IN ('assigned', 'in_progress')
            AND (NOT w.valid @> today() OR a.active IS NOT TRUE OR a.role <> 'worker'
                OR c.basis = 'grid' AND worker_in_charge(g.grid_id) IS DISTINCT FROM c.handler_id
                    AND NOT coalesce(g.grid_id = ANY (grids_of(w.account_id, today())), false)
                    AND worker_of_line(i) IS DISTINCT FROM c.handler_id)
        ORDER BY c.incident_id FOR UPDATE OF c SKIP LOCKED
    LOOP
        line_id := worker_of_line(due.incident);
        new_handler_id := coalesce(line_id, worker_in_charge(due.grid_id));
        IF new_handler_id IS NULL THEN
            PERFORM write_case_step(due.before, 'hand_back', 'accepted', '{}');
        ELSE
            PERFORM write_case_step(due.before, 'hand_over', 'assigned',
                jsonb_build_object('handler_id', new_handler_id,
                    'basis', CASE WHEN line_id IS NULL THEN 'grid' ELSE 'line' END));
        END IF;
        number := number + 1;
    END LOOP;
    RETURN number;
END $$;

-- Tells owners and workers of the cases whose promised day has passed, once for each promised day.
CREATE OR REPLACE FUNCTION tell_overdue_cases() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    number bigint;
BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('hand_over_cases'));
    WITH told AS (
        INSERT INTO case_notice (subdistrict_id, incident_id, account_id, kind, number)
        SELECT DISTINCT c.subdistrict_id, c.incident_id, t.account_id, 'overdue', i.number
        FROM incident_case c JOIN incident i ON i.id = c.incident_id
            CROSS JOIN LATERAL (SELECT c.owner_id AS account_id UNION
                SELECT w.account_id FROM worker w WHERE w.id = c.handler_id) t
        WHERE is_open_case(c.state) AND c.due_on < today() AND t.account_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM case_notice n WHERE n.incident_id = c.incident_id AND n.kind = 'overdue'
                AND n.account_id = t.account_id AND n.created_at >= c.due_on)
        RETURNING 1)
    SELECT count(*) INTO number FROM told;
    RETURN number;
END $$;
