-- Reveals: names and numbers of residents in clear. The application cannot read a name, and each of these functions
-- writes its row of the audit, after the limits, in the transaction that returns the value. The audit is what the
-- limits count, so nobody can reset them.

-- The start of the day of budgets in the time zone of the office: that of the session is the caller's to set, and a
-- rehearsal of another day gives no further budget.
CREATE OR REPLACE FUNCTION reveal_day_start() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT date_trunc('day', statement_timestamp() AT TIME ZONE zone) AT TIME ZONE zone
    FROM coalesce((SELECT time_zone FROM installation), 'Asia/Shanghai') AS zone
$$;

-- Ten reveals within five minutes are followed by a pause of ten minutes: a visit or a call takes longer.
CREATE OR REPLACE FUNCTION reveal_pause_end(p_account_id bigint) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT max(at) + interval '10 minutes' FROM (
        SELECT at, lag(at, 9) OVER (ORDER BY at, id) AS ninth_before FROM audit
        WHERE account_id = p_account_id AND action = ANY (ARRAY['reveal', 'household_visit'])
            AND at > clock_timestamp() - interval '15 minutes') AS recent
    WHERE at - ninth_before <= interval '5 minutes'
$$;

-- Households that an account has revealed today, or for a special task since it was opened.
CREATE OR REPLACE FUNCTION revealed_households(p_account_id bigint, p_special_task_id bigint) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT (details->>'household')::bigint), '{}') FROM audit
    WHERE account_id = p_account_id AND action = ANY (ARRAY['reveal', 'household_visit'])
        AND at >= coalesce((SELECT opened_at FROM special_task WHERE id = p_special_task_id), reveal_day_start())
        AND details->>'special_task' IS NOT DISTINCT FROM p_special_task_id::text AND details->>'household' IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION reveal_budget_of(p_subdistrict_id bigint, p_role text) RETURNS integer
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT coalesce((SELECT households_per_day FROM reveal_budget
        WHERE subdistrict_id = p_subdistrict_id AND role = p_role), 30)
$$;

-- Households that the account may still reveal today, the whole budget, and the seconds of a pause.
CREATE OR REPLACE FUNCTION my_reveal_limits(p_subdistrict_id bigint)
RETURNS TABLE (households_left integer, budget integer, wait_s integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT greatest(b.budget - cardinality(revealed_households(my_account(), NULL)), 0), b.budget,
        greatest(ceil(extract(epoch FROM reveal_pause_end(my_account()) - clock_timestamp()))::integer, 0)
    FROM reveal_budget_of(p_subdistrict_id, my_role()) AS b(budget)
    WHERE my_role() IN ('worker', 'station') AND p_subdistrict_id = ANY (my_subdistricts())
$$;

-- Special tasks that the account works on today, with the households that it may still reveal.
CREATE OR REPLACE FUNCTION my_special_tasks(p_subdistrict_id bigint)
RETURNS TABLE (id bigint, purpose text, fields text[], last_day date, households_left integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT t.id, t.purpose, t.fields, upper(t.valid) - 1,
        greatest(t.households - cardinality(revealed_households(my_account(), t.id)), 0)
    FROM special_task t JOIN special_task_account a ON a.special_task_id = t.id AND a.account_id = my_account()
    WHERE my_role() IN ('worker', 'station') AND t.subdistrict_id = p_subdistrict_id
        AND p_subdistrict_id = ANY (my_subdistricts()) AND t.closed_at IS NULL AND t.valid @> today()
    ORDER BY t.id
$$;

-- A resident of today whom the account may see, with the household.
CREATE OR REPLACE FUNCTION my_resident(p_resident_id bigint)
RETURNS TABLE (resident_id bigint, household_id bigint, subdistrict_id bigint, community_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT r.id, h.id, r.subdistrict_id, b.community_id
    FROM resident r JOIN household h ON h.id = r.household_id JOIN building b ON b.id = h.building_id
    WHERE r.id = p_resident_id AND my_role() IN ('worker', 'station') AND r.subdistrict_id = ANY (my_subdistricts())
        AND r.valid @> today() AND h.valid @> today() AND b.id IN (SELECT my_buildings())
$$;

-- The limit that forbids a reveal: cool_down, budget or special_task; NULL where it is allowed. Two reveals of one
-- account wait for each other (see store/locks.py), so that they cannot pass a limit together.
CREATE OR REPLACE FUNCTION reveal_limit(
    p_household_id bigint, p_subdistrict_id bigint, p_fields text[], p_special_task_id bigint
) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    allowed_households integer := reveal_budget_of(p_subdistrict_id, my_role());
    households bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('reveal'), (my_account() % 2147483647)::integer);
    IF reveal_pause_end(my_account()) > clock_timestamp() THEN
        RETURN 'cool_down';
    END IF;
    IF p_special_task_id IS NOT NULL THEN
        SELECT t.households INTO allowed_households FROM special_task t
            JOIN my_special_tasks(p_subdistrict_id) m ON m.id = t.id
            WHERE t.id = p_special_task_id AND p_fields <@ m.fields;
        IF allowed_households IS NULL THEN
            RETURN 'special_task';
        END IF;
    END IF;
    households := revealed_households(my_account(), p_special_task_id);
    IF NOT p_household_id = ANY (households) AND cardinality(households) >= allowed_households THEN
        RETURN 'budget';
    END IF;
    RETURN NULL;
END $$;

-- Writes the row of a reveal or of its refusal; returns the limit that forbids it.
CREATE OR REPLACE FUNCTION record_reveal(
    p_action text, p_resident_ids bigint[], p_fields text[], p_grounds jsonb, p_ip_address inet
) RETURNS text
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    person record;
    is_visit constant boolean := p_action = 'household_visit';
    special_task_id constant bigint := p_grounds->>'special_task';
    forbidding_limit text;
BEGIN
    PERFORM require_permission((p_grounds->>'purpose' IN ('door_visit', 'call_back', 'verification', 'matter')
            OR special_task_id IS NOT NULL)
        AND length(regexp_replace(coalesce(p_grounds->>'reason', ''), '\s', '', 'g')) >= 4
        AND (p_grounds->>'purpose' IS DISTINCT FROM 'matter' OR p_grounds->>'matter_number' <> ''));
    SELECT * INTO person FROM my_resident(p_resident_ids[1]);
    forbidding_limit := reveal_limit(person.household_id, person.subdistrict_id, p_fields, special_task_id);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, resident_ids, reason,
            details, ip_address)
        VALUES (person.subdistrict_id, person.community_id, my_account(),
            CASE WHEN forbidding_limit IS NULL THEN p_action ELSE 'reveal_refused' END,
            CASE WHEN is_visit THEN 'household' ELSE 'resident' END,
            CASE WHEN is_visit THEN person.household_id ELSE person.resident_id END,
            CASE WHEN forbidding_limit IS NULL THEN p_resident_ids END,
            p_grounds->>'reason',
            jsonb_strip_nulls(p_grounds - 'reason' || jsonb_build_object('household', person.household_id,
                'fields', p_fields, 'limit', forbidding_limit)),
            p_ip_address);
    RETURN forbidding_limit;
END $$;

-- One value of a resident: the name, or a number encrypted. No row where the account may not see the resident, or the
-- value is not known.
CREATE OR REPLACE FUNCTION reveal_value(p_resident_id bigint, p_field text, p_grounds jsonb, p_ip_address inet)
RETURNS TABLE (forbidding_limit text, name text, number_encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    SELECT NULL, CASE p_field WHEN 'name' THEN r.name END,
            CASE p_field WHEN 'id_number' THEN r.id_number_encrypted WHEN 'phone' THEN r.phone_encrypted END
        INTO forbidding_limit, name, number_encrypted
        FROM resident r JOIN my_resident(p_resident_id) m ON m.resident_id = r.id;
    IF name IS NULL AND number_encrypted IS NULL THEN
        RETURN;
    END IF;
    forbidding_limit := record_reveal('reveal', ARRAY[p_resident_id], ARRAY[p_field], p_grounds, p_ip_address);
    IF forbidding_limit IS NOT NULL THEN
        name := NULL;
        number_encrypted := NULL;
    END IF;
    RETURN NEXT;
END $$;

-- Opens the household of a resident for a visit of 30 minutes: names and phones, never identity numbers.
CREATE OR REPLACE FUNCTION open_household_visit(p_resident_id bigint, p_grounds jsonb, p_ip_address inet)
RETURNS TABLE (forbidding_limit text, household_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    members bigint[];
BEGIN
    SELECT m.household_id INTO household_id FROM my_resident(p_resident_id) m;
    IF household_id IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(r.id ORDER BY r.id <> p_resident_id, r.id) INTO members FROM resident r
        WHERE r.household_id = open_household_visit.household_id AND r.valid @> today();
    forbidding_limit := record_reveal('household_visit', members, ARRAY['name', 'phone'], p_grounds, p_ip_address);
    RETURN NEXT;
END $$;

-- The visit of a household that the account has open: its row of the audit.
CREATE OR REPLACE FUNCTION open_visit(p_household_id bigint)
RETURNS TABLE (opened_at timestamptz, resident_ids bigint[])
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    SELECT v.at, v.resident_ids FROM audit v
    WHERE v.account_id = my_account() AND v.action = 'household_visit' AND v.subject_id = p_household_id
        AND v.at > clock_timestamp() - interval '30 minutes'
        AND NOT EXISTS (SELECT FROM audit e WHERE e.account_id = my_account() AND e.subject = 'household'
            AND e.subject_id = p_household_id AND e.action = 'household_visit_ended' AND e.id > v.id)
    ORDER BY v.id DESC LIMIT 1
$$;

-- Members of a household during the account's visit; no rows without one. Who joined later is not shown.
CREATE OR REPLACE FUNCTION visit_members(p_household_id bigint)
RETURNS TABLE (resident_id bigint, name text, phone_encrypted bytea, visit_ends_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT r.id, r.name, r.phone_encrypted, v.opened_at + interval '30 minutes'
    FROM open_visit(p_household_id) v JOIN resident r ON r.id = ANY (v.resident_ids)
        JOIN my_resident(r.id) m ON m.household_id = p_household_id
    ORDER BY r.id
$$;

-- Ends the account's visit of a household before its 30 minutes are over.
CREATE OR REPLACE FUNCTION end_household_visit(p_household_id bigint, p_ip_address inet) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, ip_address)
    SELECT h.subdistrict_id, b.community_id, my_account(), 'household_visit_ended', 'household', h.id, p_ip_address
    FROM household h JOIN building b ON b.id = h.building_id
    WHERE h.id = p_household_id AND EXISTS (SELECT FROM open_visit(p_household_id))
$$;

-- Records that residents were shown masked: as a list, by a search, or on the page of one. One row for each community
-- of the residents; where none was found, one for each of the account's scopes.
CREATE OR REPLACE FUNCTION record_residents_shown(
    p_action text, p_subject text, p_subject_id bigint, p_resident_ids bigint[], p_details jsonb, p_ip_address inet
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_role() IN ('worker', 'station') AND p_action IN ('list', 'search', 'view', 'export'));
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, resident_ids, details,
            ip_address)
        SELECT m.subdistrict_id, m.community_id, my_account(), p_action, p_subject, p_subject_id,
            array_agg(m.resident_id), p_details, p_ip_address
        FROM unnest(p_resident_ids) AS shown(id), my_resident(shown.id) m GROUP BY m.subdistrict_id, m.community_id;
    IF NOT FOUND THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
            SELECT DISTINCT own.subdistrict_id, own.community_id, my_account(), p_action, p_subject, p_subject_id,
                p_details, p_ip_address
            FROM scopes_of(my_account(), today()) own;
    END IF;
END $$;

-- Records a request for a page or a row that the account may not see. A row of the account's subdistricts is named:
-- to admins of its community where the account works there, else to admins of the whole subdistrict. For others, and
-- for pages, there is one record for each of the account's scopes, which names no row.
CREATE OR REPLACE FUNCTION record_denial(p_subject text, p_subject_id bigint, p_details jsonb, p_ip_address inet)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    building_id constant bigint := CASE p_subject
        WHEN 'building' THEN p_subject_id
        WHEN 'household' THEN (SELECT h.building_id FROM household h WHERE h.id = p_subject_id)
        WHEN 'resident' THEN (SELECT h.building_id FROM resident r JOIN household h ON h.id = r.household_id
            WHERE r.id = p_subject_id) END;
BEGIN
    PERFORM require_permission(my_role() IS NOT NULL);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
        SELECT b.subdistrict_id, CASE WHEN b.community_id = ANY (my_communities()) THEN b.community_id END,
            my_account(), 'denied', p_subject, p_subject_id, p_details, p_ip_address
        FROM building b WHERE b.id = building_id AND b.subdistrict_id = ANY (my_subdistricts());
    IF NOT FOUND THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, details, ip_address)
            SELECT DISTINCT own.subdistrict_id, own.community_id, my_account(), 'denied', p_subject, p_details,
                p_ip_address
            FROM (SELECT 1) AS one_row LEFT JOIN scopes_of(my_account(), today()) own ON true;
    END IF;
END $$;

-- Who has seen the data of a resident, newest first; for a station that sees the resident, and for the owner.
CREATE OR REPLACE FUNCTION resident_access_log(p_resident_id bigint)
RETURNS TABLE (at timestamptz, account text, role text, action text, reason text, details jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.at, p.display_name, p.role, a.action, a.reason, a.details
    FROM audit a LEFT JOIN account p ON p.id = a.account_id
    WHERE (is_owner() OR my_role() = 'station' AND EXISTS (SELECT FROM my_resident(p_resident_id)))
        AND (a.resident_ids @> ARRAY[p_resident_id]
            OR a.subject = 'resident' AND a.subject_id = p_resident_id AND a.action = 'reveal')
    ORDER BY a.id DESC
$$;

-- Whether an admin governs a special task: one that he opened, or all of whose accounts he manages.
CREATE OR REPLACE FUNCTION can_manage_special_task(p_special_task_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT my_role() = 'admin' AND EXISTS (
        SELECT FROM special_task t WHERE t.id = p_special_task_id AND t.subdistrict_id = ANY (my_subdistricts())
            AND (t.opened_by = my_account() OR NOT EXISTS (
                SELECT FROM special_task_account a
                WHERE a.special_task_id = t.id AND NOT can_manage_account(a.account_id))))
$$;
