-- Signing in. The application cannot read passwords or sessions; it asks these functions, and they keep the audit.
-- A sign-in has two halves, each a transaction of its own: begin_sign_in counts the attempt before anything is
-- verified, so that a thousand attempts at once are a thousand attempts; the second half is open_session, which
-- forgives it, or note_failed_sign_in.

-- One row of the audit for each subdistrict an account works in, so that every admin concerned finds it.
CREATE OR REPLACE FUNCTION note_account(deed text, whose bigint, by_whom bigint, more jsonb, from_address inet) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details, address)
    SELECT DISTINCT s.subdistrict_id, by_whom, deed, 'account', whose, more, from_address
    FROM (SELECT 1) AS once LEFT JOIN account_scope s ON s.account_id = whose AND s.valid @> today()
$$;

-- After the free attempts each further one costs a longer wait.
CREATE OR REPLACE FUNCTION brake_wait(attempts integer, free integer) RETURNS interval
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT make_interval(mins => CASE WHEN attempts < free THEN 0 WHEN attempts = free THEN 1
                                      WHEN attempts = free + 1 THEN 5 ELSE 15 END)
$$;

CREATE OR REPLACE FUNCTION name_mark(wanted text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$ SELECT sha256(convert_to('name ' || wanted, 'UTF8')) $$;

-- A home gets a whole /64 of IPv6 addresses: they count as one.
CREATE OR REPLACE FUNCTION address_mark(place inet) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT sha256(convert_to('address ' || coalesce(host(
        CASE family(place) WHEN 6 THEN network(set_masklen(place, 64)) ELSE place END), ''), 'UTF8'))
$$;

-- The hash to verify, or nothing; or the seconds to wait. A name that nobody has is braked like one that somebody has.
CREATE OR REPLACE FUNCTION begin_sign_in(wanted text, from_address inet)
RETURNS TABLE (account_id bigint, password text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    person bytea := name_mark(wanted);
    place bytea := address_mark(from_address);
    moment timestamptz := clock_timestamp();
BEGIN
    DELETE FROM sign_in_brake WHERE mark IN (
        SELECT mark FROM sign_in_brake WHERE tried_at < moment - interval '1 day' LIMIT 100 FOR UPDATE SKIP LOCKED);
    INSERT INTO sign_in_brake (mark, failures, tried_at)
        SELECT mark, 0, moment FROM unnest(ARRAY[person, place]) AS mark ORDER BY mark ON CONFLICT DO NOTHING;
    SELECT ceil(extract(epoch FROM max(held.locked_until) - moment)) INTO wait_s FROM (
        SELECT locked_until FROM sign_in_brake WHERE mark IN (person, place) ORDER BY mark FOR UPDATE) AS held;
    IF wait_s > 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;
    wait_s := 0;
    UPDATE sign_in_brake b SET tried_at = moment, failures = tries.count,
        locked_until = moment + nullif(brake_wait(tries.count, tries.free), interval '0')
    FROM (
        SELECT k.mark, k.free, 1 + CASE WHEN k.mark = place AND k.tried_at < moment - interval '1 hour' THEN 0
                                        ELSE k.failures END AS count
        FROM (SELECT *, CASE WHEN mark = person THEN 5 ELSE 50 END AS free FROM sign_in_brake) k
        WHERE k.mark IN (person, place)
    ) AS tries WHERE b.mark = tries.mark;
    SELECT a.id, c.password INTO account_id, password
        FROM account a JOIN credential c ON c.account_id = a.id WHERE a.name = wanted AND a.active;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION note_failed_sign_in(wanted text, from_address inet) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT note_account('sign_in_failed', (SELECT id FROM account WHERE name = wanted), NULL,
        (SELECT jsonb_build_object('failures', failures) FROM sign_in_brake WHERE mark = name_mark(wanted)),
        from_address)
$$;

-- A new session: 24 hours at most, and no longer than 8 hours unused.
CREATE OR REPLACE FUNCTION open_session(whose bigint, new_token bytea, from_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM sign_in_brake WHERE mark = (SELECT name_mark(name) FROM account WHERE id = whose);
    UPDATE sign_in_brake SET failures = greatest(failures - 1, 0), locked_until = NULL
        WHERE mark = address_mark(from_address);
    DELETE FROM web_session WHERE expires_at < clock_timestamp() OR seen_at < clock_timestamp() - interval '8 hours';
    INSERT INTO web_session (token, account_id, expires_at, address)
        SELECT new_token, id, clock_timestamp() + interval '24 hours', from_address
        FROM account WHERE id = whose AND active;
    PERFORM note_account('sign_in', whose, whose, '{}', from_address);
END $$;

-- Who a browser is. A use is noted once a minute at most: most pages then write nothing.
DROP FUNCTION IF EXISTS find_session(bytea);
CREATE FUNCTION find_session(wanted bytea)
RETURNS TABLE (id bigint, name varchar, display_name varchar, role varchar, language varchar, must_change boolean,
               subdistricts bigint[], subdistrict_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    whose bigint;
    used timestamptz;
BEGIN
    SELECT account_id, seen_at INTO whose, used FROM web_session
        WHERE token = wanted AND expires_at > clock_timestamp() AND seen_at > clock_timestamp() - interval '8 hours';
    IF used < clock_timestamp() - interval '1 minute' THEN
        UPDATE web_session SET seen_at = clock_timestamp() WHERE token = wanted;
    END IF;
    RETURN QUERY SELECT a.id, a.name, a.display_name, a.role, a.language, c.must_change,
        coalesce(places.ids, '{}'), places.names
    FROM account a JOIN credential c ON c.account_id = a.id,
        LATERAL (SELECT array_agg(p.id ORDER BY p.id) AS ids, string_agg(p.name, ' · ' ORDER BY p.id) AS names
                 FROM subdistrict p WHERE p.id IN (SELECT s.subdistrict_id FROM account_scope s
                                                   WHERE s.account_id = a.id AND s.valid @> today())) AS places
    WHERE a.id = whose AND a.active;
END $$;

CREATE OR REPLACE FUNCTION close_session(wanted bytea, from_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    whose bigint;
BEGIN
    DELETE FROM web_session WHERE token = wanted RETURNING account_id INTO whose;
    IF whose IS NOT NULL THEN
        PERFORM note_account('sign_out', whose, whose, '{}', from_address);
    END IF;
END $$;

-- A hash with the parameters of today in place of the old one, by whoever knew the password.
CREATE OR REPLACE FUNCTION renew_hash(whose bigint, old_hash text, new_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ UPDATE credential SET password = new_hash WHERE account_id = whose AND password = old_hash $$;
