-- Cases 工单 of incidents. Accounts read them; every step is taken by a function, which checks the state, the part of
-- the account in the case and the version that it has seen, and writes step, state and notices in one transaction.
-- The transitions and who may take them are those of gridmap.core.cases.machine.

-- Trigger: every new incident has a case; one that a file brings as closed is closed.
CREATE OR REPLACE FUNCTION create_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO incident_case (incident_id, subdistrict_id, state, due_on)
        SELECT n.id, n.subdistrict_id, CASE n.status WHEN 'closed' THEN 'closed' ELSE 'received' END,
            CASE WHEN n.reported_by IS NOT NULL AND n.status = 'open' THEN today() + c.promised_days END
        FROM new_incidents n JOIN incident_category c ON c.subdistrict_id = n.subdistrict_id AND c.key = n.category;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER create_cases AFTER INSERT ON incident REFERENCING NEW TABLE AS new_incidents
    FOR EACH STATEMENT EXECUTE FUNCTION create_cases();

CREATE OR REPLACE FUNCTION is_open_case(p_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT p_state NOT IN ('closed', 'duplicate', 'withdrawn') $$;

-- Trigger: a file, or an undo, has closed or reopened incidents; their cases follow. The journal keeps the state that a
-- case had before a file, and the undo of this file gives it back; of a duplicate, while the other incident exists.
CREATE OR REPLACE FUNCTION follow_incident_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    WITH followed AS MATERIALIZED (
        SELECT c.incident_id, c.subdistrict_id, c.state, c.duplicate_of, n.status
        FROM new_incidents n JOIN incident_case c ON c.incident_id = n.id
        WHERE is_open_case(c.state) IS DISTINCT FROM (n.status = 'open')),
    sets AS MATERIALIZED (SELECT d.subdistrict_id, ensure_change_set(d.subdistrict_id) AS change_set_id
        FROM (SELECT DISTINCT subdistrict_id FROM followed) d OFFSET 0),
    kept AS (INSERT INTO record_change (change_set_id, table_name, row_id, action, before)
        SELECT s.change_set_id, 'incident_case', f.incident_id, 'update',
            jsonb_build_object('state', f.state, 'duplicate_of', f.duplicate_of)
        FROM followed f JOIN sets s USING (subdistrict_id)),
    restored AS MATERIALIZED (
        SELECT DISTINCT ON (f.incident_id) f.incident_id, r.before ->> 'state' AS state, o.id AS duplicate_of
        FROM followed f JOIN sets s USING (subdistrict_id) JOIN change_set u ON u.id = s.change_set_id
            JOIN record_change r ON r.change_set_id = u.undoes AND r.table_name = 'incident_case'
                AND r.row_id = f.incident_id
            LEFT JOIN incident o ON o.id = (r.before ->> 'duplicate_of')::bigint
        WHERE is_open_case(r.before ->> 'state') = (f.status = 'open')
            AND (r.before ->> 'state' <> 'duplicate' OR o.id IS NOT NULL)
        ORDER BY f.incident_id, r.id)
    UPDATE incident_case c SET duplicate_of = r.duplicate_of, version = c.version + 1, changed_at = now(),
        state = coalesce(r.state, CASE f.status WHEN 'closed' THEN 'closed' ELSE 'received' END)
        FROM followed f LEFT JOIN restored r USING (incident_id) WHERE c.incident_id = f.incident_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER follow_incident_status AFTER UPDATE ON incident REFERENCING NEW TABLE AS new_incidents
    FOR EACH STATEMENT EXECUTE FUNCTION follow_incident_status();

-- Persons of the roster whom the account stands for today: itself, and those on leave whose substitute it is.
CREATE OR REPLACE FUNCTION my_workers() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    present_day constant date := today();
BEGIN
    IF my_role() IS DISTINCT FROM 'worker' THEN
        RETURN '{}';
    END IF;
    RETURN (WITH own AS (SELECT w.id FROM worker w WHERE w.account_id = own_id AND w.valid @> present_day)
        SELECT coalesce(array_agg(p.id), '{}') FROM (SELECT o.id FROM own o UNION
            SELECT l.worker_id FROM leave l JOIN own o ON o.id = l.substitute_id WHERE l.valid @> present_day) p);
END $$;

-- Incidents whose cases the account has as a worker, or closed within the last 30 days.
CREATE OR REPLACE FUNCTION my_handled_cases() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp
AS $$
    SELECT c.incident_id FROM incident_case c
    WHERE c.handler_id = ANY ((SELECT my_workers())::bigint[])
        AND c.subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])
        AND (c.state IN ('assigned', 'in_progress')
            OR c.state = 'closed' AND c.changed_at > statement_timestamp() - interval '30 days')
$$;

-- Parts that the account has in a case today: station, handler, reporter, leader.
CREATE OR REPLACE FUNCTION my_case_actors(p_incident_id bigint) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_role constant text := my_role();
    of_incident incident;
    of_case incident_case;
    community constant bigint := (SELECT c.community_id FROM incident i JOIN cell c ON c.id = i.cell_id
        WHERE i.id = p_incident_id);
    in_territory boolean;
BEGIN
    SELECT * INTO of_incident FROM incident WHERE id = p_incident_id AND subdistrict_id = ANY (my_subdistricts());
    SELECT * INTO of_case FROM incident_case WHERE incident_id = of_incident.id;
    in_territory := is_in_my_scope(of_incident.subdistrict_id, community);
    RETURN array_remove(ARRAY[
        CASE WHEN own_role = 'station' AND in_territory THEN 'station' END,
        CASE WHEN of_case.state IN ('assigned', 'in_progress') AND of_case.handler_id = ANY (my_workers())
            THEN 'handler' END,
        CASE WHEN own_role IN ('worker', 'station') AND of_incident.reported_by = my_account() THEN 'reporter' END,
        CASE WHEN own_role = 'leader' AND (of_incident.access_class = 'ordinary' AND in_territory
            OR EXISTS (SELECT FROM my_line_categories() o WHERE o.subdistrict_id = of_incident.subdistrict_id
                AND o.category = of_incident.category AND o.access_class = of_incident.access_class
                AND (o.community_id IS NULL OR o.community_id = community))) THEN 'leader' END], NULL);
END $$;

-- The name by which the account works in its office: that of the roster, else that of the account.
CREATE OR REPLACE FUNCTION my_office_name() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce((SELECT w.name FROM worker w WHERE w.account_id = a.id AND w.valid @> today()
        ORDER BY w.id LIMIT 1), nullif(a.display_name, ''), a.name)
    FROM account a WHERE a.id = my_account()
$$;

-- Tells an account something about a case, unless it has done that itself.
CREATE OR REPLACE FUNCTION tell_about_case(p_incident_id bigint, p_account_id bigint, p_kind text) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO case_notice (subdistrict_id, incident_id, account_id, kind, number)
    SELECT i.subdistrict_id, i.id, p_account_id, p_kind, i.number FROM incident i
    WHERE i.id = p_incident_id AND p_account_id IS NOT NULL AND p_account_id IS DISTINCT FROM my_account()
$$;

-- Writes a step of a case: the step, the new state, the status of the incident and the notices. p_values has text,
-- handler_id, basis and duplicate_of.
CREATE OR REPLACE FUNCTION write_case_step(p_before incident_case, p_action text, p_target text, p_values jsonb)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    own_id constant bigint := my_account();
    own_name constant text := my_office_name();
    new_handler_id constant bigint := CASE WHEN p_action IN ('assign', 'hand_over')
            THEN (p_values->>'handler_id')::bigint
        WHEN p_target IN ('assigned', 'in_progress', 'closed') THEN p_before.handler_id END;
    handler_account_id constant bigint := (SELECT w.account_id FROM worker w WHERE w.id = new_handler_id);
    former_account_id constant bigint := (SELECT w.account_id FROM worker w WHERE w.id = p_before.handler_id);
    promised constant integer := (SELECT c.promised_days FROM incident i JOIN incident_category c
        ON c.subdistrict_id = i.subdistrict_id AND c.key = i.category WHERE i.id = p_before.incident_id);
    reporter_id constant bigint := (SELECT i.reported_by FROM incident i WHERE i.id = p_before.incident_id);
    assigning case_step;
    new_step_id bigint;
BEGIN
    SELECT * INTO assigning FROM case_step s WHERE s.incident_id = p_before.incident_id AND s.action = 'assign'
        ORDER BY s.id DESC LIMIT 1;
    INSERT INTO case_step (subdistrict_id, incident_id, action, source_state, target_state, taken_at, account_id,
            actor_name, handler_id, handler_name, text)
        VALUES (p_before.subdistrict_id, p_before.incident_id, p_action, p_before.state, p_target, clock_timestamp(),
            own_id, own_name, new_handler_id, (SELECT w.name FROM worker w WHERE w.id = new_handler_id),
            nullif(btrim(p_values->>'text'), ''))
        RETURNING id INTO new_step_id;
    UPDATE incident_case c SET state = p_target, version = c.version + 1, changed_at = clock_timestamp(),
        handler_id = new_handler_id,
        basis = CASE WHEN p_action IN ('assign', 'hand_over') THEN p_values->>'basis'
            WHEN new_handler_id IS NOT NULL THEN c.basis END,
        duplicate_of = CASE p_target WHEN 'duplicate' THEN coalesce((p_values->>'duplicate_of')::bigint,
            c.duplicate_of) END,
        owner_id = CASE WHEN p_action IN ('accept', 'begin', 'reopen', 'unlink_duplicate') THEN own_id
            WHEN p_action = 'send_back' THEN coalesce(assigning.account_id, c.owner_id)
            WHEN p_action IN ('assign', 'close', 'settle') THEN coalesce(c.owner_id, own_id) ELSE c.owner_id END,
        owner_name = CASE WHEN p_action IN ('accept', 'begin', 'reopen', 'unlink_duplicate') THEN own_name
            WHEN p_action = 'send_back' THEN coalesce(assigning.actor_name, c.owner_name)
            WHEN p_action IN ('assign', 'close', 'settle') THEN coalesce(c.owner_name, own_name) ELSE c.owner_name END,
        due_on = CASE WHEN p_action IN ('reopen', 'unlink_duplicate') THEN today() + promised
            WHEN p_action IN ('accept', 'assign') THEN coalesce(c.due_on, today() + promised) ELSE c.due_on END,
        supervised_at = CASE p_action WHEN 'supervise' THEN clock_timestamp() ELSE c.supervised_at END
        WHERE c.incident_id = p_before.incident_id;
    IF is_open_case(p_before.state) <> is_open_case(p_target) THEN
        UPDATE incident i SET status = CASE WHEN is_open_case(p_target) THEN 'open' ELSE 'closed' END,
            closed_at = CASE WHEN NOT is_open_case(p_target) THEN greatest(clock_timestamp(), i.occurred_at) END
            WHERE i.id = p_before.incident_id;
    END IF;
    PERFORM tell_about_case(p_before.incident_id, t.account_id, t.kind)
        FROM (SELECT DISTINCT ON (m.account_id) m.account_id, m.kind FROM (VALUES
            ('assign', handler_account_id, 'assigned', 1),
            ('assign', nullif(former_account_id, handler_account_id), 'handed_over', 2),
            ('accept', reporter_id, 'accepted', 1), ('assign', reporter_id, 'passed_on', 3),
            ('hand_over', reporter_id, 'passed_on', 3),
            ('begin', reporter_id, 'begun', 1), ('begin', p_before.owner_id, 'begun', 2),
            ('send_back', coalesce(assigning.account_id, p_before.owner_id), 'sent_back', 1),
            ('ask_reporter', reporter_id, 'asked', 1), ('answer', p_before.owner_id, 'answered', 1),
            ('close', reporter_id, 'closed', 1), ('close', p_before.owner_id, 'closed', 2),
            ('link_duplicate', reporter_id, 'closed', 1), ('reopen', reporter_id, 'reopened', 1),
            ('reopen', former_account_id, 'reopened', 2),
            ('supervise', handler_account_id, 'supervised', 1), ('supervise', p_before.owner_id, 'supervised', 2),
            ('instruct', handler_account_id, 'instructed', 1), ('instruct', p_before.owner_id, 'instructed', 2),
            ('hand_over', handler_account_id, 'taken_over', 1), ('hand_over', former_account_id, 'handed_over', 2),
            ('hand_back', former_account_id, 'handed_over', 1), ('hand_back', p_before.owner_id, 'handed_back', 2)
            ) AS m (action, account_id, kind, rank) WHERE m.action = p_action ORDER BY m.account_id, m.rank) t;
    RETURN new_step_id;
END $$;

-- Takes a step of a case for the account and returns its key; NULL where the case has changed since the version that
-- the account has seen. A worker who is given a case is one of the account's communities, with an account in use. A
-- duplicate and the other case have one access class: else who sees one of them would learn of the other.
CREATE OR REPLACE FUNCTION take_case_step(p_incident_id bigint, p_version bigint, p_action text, p_values jsonb)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    actors constant text[] := my_case_actors(p_incident_id);
    before incident_case;
    target_state text;
BEGIN
    PERFORM require_permission(actors <> '{}');
    SELECT * INTO before FROM incident_case c WHERE c.incident_id = p_incident_id FOR UPDATE;
    IF before.version <> p_version THEN
        RETURN NULL;
    END IF;
    SELECT t.target INTO target_state FROM (VALUES @case_transitions@) AS t (action, source, target)
        WHERE t.action = p_action AND t.source = before.state;
    PERFORM require_permission(target_state IS NOT NULL AND p_action <> 'withdraw' AND EXISTS (
        SELECT FROM (VALUES @case_actors@) AS a (action, actor) WHERE a.action = p_action AND a.actor = ANY (actors)));
    PERFORM require_permission(p_action NOT IN (@case_text_actions@) OR length(btrim(p_values->>'text')) > 0);
    PERFORM require_permission(p_action <> 'ask_reporter'
        OR EXISTS (SELECT FROM incident i WHERE i.id = p_incident_id AND i.reported_by IS NOT NULL));
    PERFORM require_permission(p_action <> 'assign' OR EXISTS (
        SELECT FROM worker w JOIN account a ON a.id = w.account_id
        WHERE w.id = (p_values->>'handler_id')::bigint AND w.subdistrict_id = before.subdistrict_id AND a.active
            AND a.role = 'worker' AND w.valid @> today() AND w.community_id = ANY (my_communities())));
    PERFORM require_permission(p_action <> 'link_duplicate' OR EXISTS (SELECT FROM incident_case o
        WHERE o.incident_id = (p_values->>'duplicate_of')::bigint AND o.incident_id <> p_incident_id
            AND o.state <> 'duplicate' AND 'station' = ANY (my_case_actors(o.incident_id))
            AND (SELECT i.access_class FROM incident i WHERE i.id = o.incident_id)
                = (SELECT i.access_class FROM incident i WHERE i.id = p_incident_id)));
    RETURN write_case_step(before, p_action, target_state, p_values);
END $$;

-- Withdraws an own report of the last 10 minutes that nobody has touched or repeated: only its number, times and the
-- hash of its form remain. Returns whether it was.
CREATE OR REPLACE FUNCTION withdraw_report(p_incident_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    withdrawn incident;
BEGIN
    PERFORM require_permission('reporter' = ANY (my_case_actors(p_incident_id)));
    PERFORM FROM incident_case c WHERE c.incident_id = p_incident_id FOR UPDATE;
    DELETE FROM incident i WHERE i.id = p_incident_id AND i.reported_at > clock_timestamp() - interval '10 minutes'
        AND EXISTS (SELECT FROM incident_case c WHERE c.incident_id = i.id AND c.state = 'received')
        AND NOT EXISTS (SELECT FROM case_step s WHERE s.incident_id = i.id)
        AND NOT EXISTS (SELECT FROM incident_case c WHERE c.duplicate_of = i.id)
        RETURNING * INTO withdrawn;
    IF withdrawn.id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO withdrawn_report (subdistrict_id, number, account_id, reported_at, idempotency_key)
        VALUES (withdrawn.subdistrict_id, withdrawn.number, my_account(), withdrawn.reported_at,
            withdrawn.idempotency_key);
    RETURN true;
END $$;

-- Changes the category, within its class, and the title of an own report of the last 10 minutes that nobody has
-- touched; who has the case open sees it as changed. Returns whether it was.
CREATE OR REPLACE FUNCTION mend_report(p_incident_id bigint, p_category text, p_title text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission('reporter' = ANY (my_case_actors(p_incident_id)));
    PERFORM FROM incident_case c WHERE c.incident_id = p_incident_id FOR UPDATE;
    UPDATE incident i SET category = p_category, title = p_title
        WHERE i.id = p_incident_id AND i.reported_at > clock_timestamp() - interval '10 minutes'
            AND EXISTS (SELECT FROM incident_case c WHERE c.incident_id = i.id AND c.state = 'received')
            AND NOT EXISTS (SELECT FROM case_step s WHERE s.incident_id = i.id);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE incident_case c SET version = c.version + 1, due_on = i.reported_at::date + k.promised_days
        FROM incident i JOIN incident_category k ON k.subdistrict_id = i.subdistrict_id AND k.key = i.category
        WHERE c.incident_id = p_incident_id AND i.id = c.incident_id;
    RETURN true;
END $$;

-- Links an own report that nobody has touched to an open case of the same category that the account sees: both are one
-- incident, and the words and photos of the report stay with it. Returns whether it was.
CREATE OR REPLACE FUNCTION repeat_report(p_incident_id bigint, p_duplicate_of bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before incident_case;
BEGIN
    PERFORM require_permission('reporter' = ANY (my_case_actors(p_incident_id)));
    SELECT * INTO before FROM incident_case c WHERE c.incident_id = p_incident_id AND c.state = 'received'
        AND NOT EXISTS (SELECT FROM case_step s WHERE s.incident_id = c.incident_id) FOR UPDATE;
    IF before.incident_id IS NULL OR NOT EXISTS (
        SELECT FROM incident i JOIN incident_case c ON c.incident_id = i.id
            JOIN incident own ON own.id = p_incident_id
        WHERE i.id = p_duplicate_of AND i.id <> own.id AND is_open_case(c.state)
            AND i.subdistrict_id = own.subdistrict_id AND i.category = own.category
            AND i.access_class = own.access_class
            AND (i.reported_by = my_account() OR i.id IN (SELECT my_street_incidents())
                OR i.id IN (SELECT my_handled_cases())
                OR i.cell_id IN (SELECT my_cells()))) THEN
        RETURN false;
    END IF;
    PERFORM write_case_step(before, 'link_duplicate', 'duplicate', jsonb_build_object('duplicate_of', p_duplicate_of));
    RETURN true;
END $$;

-- Adds a photo to an own report of the last day, or to an own step of the last hour; three to each at most. A photo
-- that is sent again is the same one. NULL where there are three already.
CREATE OR REPLACE FUNCTION add_incident_photo(
    p_incident_id bigint, p_case_step_id bigint, p_content bytea, p_width integer, p_height integer
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    photo_id uuid;
BEGIN
    PERFORM FROM incident_case c WHERE c.incident_id = p_incident_id FOR UPDATE;
    PERFORM require_permission(CASE WHEN p_case_step_id IS NULL THEN 'reporter' = ANY (my_case_actors(p_incident_id))
        AND EXISTS (SELECT FROM incident i WHERE i.id = p_incident_id
            AND i.reported_at > clock_timestamp() - interval '1 day')
        ELSE EXISTS (SELECT FROM case_step s WHERE s.id = p_case_step_id AND s.incident_id = p_incident_id
            AND s.account_id = my_account() AND s.taken_at > clock_timestamp() - interval '1 hour') END);
    SELECT p.id INTO photo_id FROM incident_photo p WHERE p.incident_id = p_incident_id
        AND p.case_step_id IS NOT DISTINCT FROM p_case_step_id AND p.content = p_content;
    IF photo_id IS NULL AND (SELECT count(*) FROM incident_photo p WHERE p.incident_id = p_incident_id
        AND p.case_step_id IS NOT DISTINCT FROM p_case_step_id) < 3 THEN
        INSERT INTO incident_photo (subdistrict_id, incident_id, case_step_id, content, width, height)
            SELECT i.subdistrict_id, i.id, p_case_step_id, p_content, p_width, p_height
            FROM incident i WHERE i.id = p_incident_id
            RETURNING id INTO photo_id;
    END IF;
    RETURN photo_id;
END $$;

-- Marks the notices of the account about a case as seen, or all where it is NULL.
CREATE OR REPLACE FUNCTION see_case_notices(p_incident_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE case_notice SET seen_at = clock_timestamp() WHERE account_id = my_account() AND seen_at IS NULL
        AND (p_incident_id IS NULL OR incident_id = p_incident_id)
$$;
