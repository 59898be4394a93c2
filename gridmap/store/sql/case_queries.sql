-- State of a case for residents without an account. Who has the number and the query code 查询码 of a case reads its
-- state, its days and the phone of the office; nothing about place, matter or persons. The code is told with the
-- receipt, so that numbers, which can be counted through, open nothing.

-- The query code of a case, for the station and the reporter, who tell it to the resident. It is drawn when it is first
-- asked for: a case whose code nobody has been told is not to be queried.
CREATE OR REPLACE FUNCTION get_case_query_code(p_incident_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_case_actors(p_incident_id) && ARRAY['station', 'reporter']);
    INSERT INTO case_query_code (incident_id, subdistrict_id, code)
        SELECT i.id, i.subdistrict_id, lpad((('x' || left(gen_random_uuid()::text, 8))::bit(32)::bigint
            % 100000000)::text, 8, '0')
        FROM incident i WHERE i.id = p_incident_id
        ON CONFLICT DO NOTHING;
    RETURN (SELECT q.code FROM case_query_code q WHERE q.incident_id = p_incident_id);
END $$;

-- Seconds until a query may be tried again: after 10 failures within an hour for a number, after 100 for an address,
-- which many phones share. The counters stay locked, so that queries at once are counted one after the other.
CREATE OR REPLACE FUNCTION lock_case_queries(p_counters bytea[]) RETURNS integer
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM case_query_throttle WHERE fingerprint IN (SELECT t.fingerprint FROM case_query_throttle t
        WHERE t.counted_from NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp()
            AND t.fingerprint <> ALL (p_counters)
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    INSERT INTO case_query_throttle (fingerprint, failures, counted_from)
        SELECT f, 0, clock_timestamp() FROM unnest(p_counters) AS f ORDER BY f ON CONFLICT DO NOTHING;
    PERFORM FROM case_query_throttle WHERE fingerprint = ANY (p_counters) ORDER BY fingerprint FOR UPDATE;
    UPDATE case_query_throttle SET failures = 0, counted_from = clock_timestamp()
        WHERE fingerprint = ANY (p_counters)
            AND counted_from NOT BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp();
    RETURN (SELECT coalesce(max(ceil(extract(epoch FROM t.counted_from + interval '1 hour' - clock_timestamp()))), 0)
        FROM case_query_throttle t WHERE t.fingerprint = ANY (p_counters)
            AND t.failures >= CASE t.fingerprint WHEN p_counters[1] THEN 10 ELSE 100 END);
END $$;

-- The state of the case with a number and a query code; no row where there is none, and only the seconds to wait after
-- too many failures. A duplicate has the state of the case that it was linked to.
CREATE OR REPLACE FUNCTION public_case(p_number text, p_query_code text, p_ip_address inet)
RETURNS TABLE (wait_s integer, state varchar, closing_action varchar, is_duplicate boolean, received_on date,
    due_on date, closed_on date, office_name text, office_phone text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp
AS $$
DECLARE
    counters constant bytea[] := ARRAY[sha256(convert_to('number ' || p_number, 'UTF8')), ip_fingerprint(p_ip_address)];
    found_id bigint;
BEGIN
    wait_s := lock_case_queries(counters);
    IF wait_s > 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT q.incident_id INTO found_id FROM case_query_code q JOIN incident i ON i.id = q.incident_id
        WHERE i.number = p_number AND q.code = p_query_code;
    IF found_id IS NULL THEN
        UPDATE case_query_throttle SET failures = failures + 1 WHERE fingerprint = ANY (counters);
        RETURN;
    END IF;
    RETURN QUERY
        WITH RECURSIVE linked AS (SELECT c.incident_id, c.duplicate_of FROM incident_case c
                WHERE c.incident_id = found_id
            UNION SELECT o.incident_id, o.duplicate_of FROM linked l
                JOIN incident_case o ON o.incident_id = l.duplicate_of)
        SELECT 0, c.state, (SELECT s.action FROM case_step s WHERE s.incident_id = c.incident_id
                AND s.target_state = 'closed' AND s.source_state <> 'closed' ORDER BY s.id DESC LIMIT 1),
            c.incident_id <> found_id, own.reported_at::date, c.due_on, i.closed_at::date,
            (coalesce(m.name, d.name))::text, coalesce(m.station_phone, d.supervision_phone)::text
        FROM linked l JOIN incident_case c ON c.incident_id = l.incident_id AND l.duplicate_of IS NULL
            JOIN incident i ON i.id = c.incident_id
            JOIN incident own ON own.id = found_id
            JOIN subdistrict d ON d.id = own.subdistrict_id
            LEFT JOIN cell e ON e.id = own.cell_id
            LEFT JOIN community m ON m.id = e.community_id;
END $$;
