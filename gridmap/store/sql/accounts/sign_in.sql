-- Sign-in. No login reads passwords or sessions: the login for accounts calls these functions, and they write the
-- audit. A sign-in takes two transactions: begin_sign_in counts the attempt before anything is verified, so that a
-- thousand attempts at once count as a thousand attempts; then open_session, which clears the count, or
-- record_failed_sign_in.

-- Writes one row of the audit for each place of an account, so that every admin concerned sees it. The actor
-- (p_account_id) is the account that did it, the subject (p_subject_id) the account that it was done to.
CREATE OR REPLACE FUNCTION record_account_audit(
    p_action text, p_subject_id bigint, p_account_id bigint, p_details jsonb, p_ip_address inet
) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
    SELECT DISTINCT s.subdistrict_id, s.community_id, p_account_id, p_action, 'account', p_subject_id, p_details,
        p_ip_address
    FROM (SELECT 1) AS one_row LEFT JOIN account_scope s ON s.account_id = p_subject_id AND s.valid @> today()
$$;

-- The wait after a number of attempts: none within the free attempts, then longer with each attempt. For a name or a
-- device it grows to 15 minutes; for an address, which an office shares, it only slows.
CREATE OR REPLACE FUNCTION sign_in_delay(p_attempts integer, p_is_address boolean) RETURNS interval
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT make_interval(secs => CASE
        WHEN p_is_address THEN CASE WHEN p_attempts < 50 THEN 0 WHEN p_attempts < 100 THEN 10 ELSE 60 END
        WHEN p_attempts < 5 THEN 0 WHEN p_attempts = 5 THEN 60 WHEN p_attempts = 6 THEN 300 ELSE 900 END)
$$;

CREATE OR REPLACE FUNCTION name_fingerprint(p_name text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$ SELECT sha256(convert_to('name ' || p_name, 'UTF8')) $$;

CREATE OR REPLACE FUNCTION device_fingerprint(p_name text, p_device_hash bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$ SELECT sha256(convert_to('device ' || encode(p_device_hash, 'hex') || ' ' || p_name, 'UTF8')) $$;

-- A household gets a whole /64 of IPv6 addresses: they count as one address.
CREATE OR REPLACE FUNCTION ip_fingerprint(p_ip_address inet) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT sha256(convert_to('address ' || coalesce(host(CASE family(p_ip_address)
        WHEN 6 THEN network(set_masklen(p_ip_address, 64)) ELSE p_ip_address END), ''), 'UTF8'))
$$;

-- Whether a browser has signed in to an account within the last 180 days. A time in the future, written while the
-- clock was ahead, vouches for nothing.
CREATE OR REPLACE FUNCTION is_known_device(p_name text, p_device_hash bytea) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM known_device d JOIN account a ON a.id = d.account_id AND a.active
        WHERE a.name = p_name AND d.token_hash = p_device_hash AND d.last_used_at
            BETWEEN clock_timestamp() - interval '180 days' AND clock_timestamp() + interval '5 minutes')
$$;

-- Deletes counts without an attempt for a day. Times in the future, written while the clock was ahead, become the
-- longest that are possible now. Rows that another sign-in uses are left to it; so this waits for nobody.
CREATE OR REPLACE FUNCTION tidy_sign_in_throttle(p_own bytea[], p_now timestamptz) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    DELETE FROM sign_in_throttle WHERE fingerprint IN (
        SELECT fingerprint FROM sign_in_throttle
        WHERE last_attempt_at < p_now - interval '1 day' AND fingerprint <> ALL (p_own)
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    UPDATE sign_in_throttle
    SET last_attempt_at = least(last_attempt_at, p_now), locked_until = least(locked_until, p_now + interval '15 min')
    WHERE fingerprint IN (
        SELECT fingerprint FROM sign_in_throttle
        WHERE last_attempt_at > p_now + interval '1 minute' OR locked_until > p_now + interval '16 min'
        LIMIT 100 FOR UPDATE SKIP LOCKED);
$$;

-- Counts an attempt and returns the password hash to verify, or no account, or the seconds to wait. An unknown name is
-- throttled like a known one. A browser that has signed in to the account before has a counter of its own: guesses of
-- strangers, under the name or from the same address, do not shut it out.
CREATE OR REPLACE FUNCTION begin_sign_in(p_name text, p_ip_address inet, p_device_hash bytea)
RETURNS TABLE (account_id bigint, password_hash text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    of_ip bytea := ip_fingerprint(p_ip_address);
    counters bytea[] := CASE WHEN is_known_device(p_name, p_device_hash)
        THEN ARRAY[device_fingerprint(p_name, p_device_hash)] ELSE ARRAY[name_fingerprint(p_name), of_ip] END;
    attempted_at timestamptz;
BEGIN
    INSERT INTO sign_in_throttle (fingerprint, failures, last_attempt_at)
        SELECT f, 0, clock_timestamp() FROM unnest(counters) AS f ORDER BY f ON CONFLICT DO NOTHING;
    PERFORM FROM sign_in_throttle WHERE fingerprint = ANY (counters) ORDER BY fingerprint FOR UPDATE;
    attempted_at := clock_timestamp();
    PERFORM tidy_sign_in_throttle(counters, attempted_at);
    SELECT ceil(extract(epoch FROM max(locked_until) - attempted_at)) INTO wait_s
        FROM sign_in_throttle WHERE fingerprint = ANY (counters);
    IF wait_s > 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;
    wait_s := 0;
    UPDATE sign_in_throttle t SET last_attempt_at = attempted_at, failures = attempts.count,
        locked_until = attempted_at + nullif(sign_in_delay(attempts.count, t.fingerprint = of_ip), interval '0')
    FROM (
        SELECT b.fingerprint, 1 + CASE WHEN b.last_attempt_at < attempted_at -
            CASE WHEN b.fingerprint = of_ip THEN interval '1 hour' ELSE interval '1 day' END
            THEN 0 ELSE b.failures END AS count
        FROM sign_in_throttle b WHERE b.fingerprint = ANY (counters)
    ) AS attempts WHERE t.fingerprint = attempts.fingerprint;
    SELECT a.id, c.password_hash INTO account_id, password_hash
        FROM account a JOIN credential c ON c.account_id = a.id WHERE a.name = p_name AND a.active;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION record_failed_sign_in(p_name text, p_ip_address inet, p_device_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT record_account_audit('sign_in_failed', (SELECT id FROM account WHERE name = p_name), NULL,
        (SELECT jsonb_build_object('failures', failures) FROM sign_in_throttle
            WHERE fingerprint = CASE WHEN is_known_device(p_name, p_device_hash)
                THEN device_fingerprint(p_name, p_device_hash) ELSE name_fingerprint(p_name) END),
        p_ip_address)
$$;

-- Makes a browser known to an account after a sign-in, and clears the count of its attempts: its own if it was known
-- before, else those of the name and its part of those of the address. An account knows its last 20 browsers.
CREATE OR REPLACE FUNCTION remember_device(p_account_id bigint, p_device_hash bytea, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    account_name text := (SELECT name FROM account WHERE id = p_account_id);
BEGIN
    PERFORM FROM sign_in_throttle WHERE fingerprint IN (name_fingerprint(account_name), ip_fingerprint(p_ip_address))
        ORDER BY fingerprint FOR UPDATE;
    IF is_known_device(account_name, p_device_hash) THEN
        DELETE FROM sign_in_throttle WHERE fingerprint = device_fingerprint(account_name, p_device_hash);
    ELSE
        DELETE FROM sign_in_throttle WHERE fingerprint = name_fingerprint(account_name);
        UPDATE sign_in_throttle SET failures = greatest(failures - 1, 0), locked_until = NULL
            WHERE fingerprint = ip_fingerprint(p_ip_address);
    END IF;
    IF p_device_hash IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO known_device (account_id, token_hash, last_used_at)
        VALUES (p_account_id, p_device_hash, clock_timestamp())
        ON CONFLICT (account_id, token_hash) DO UPDATE SET last_used_at = excluded.last_used_at;
    DELETE FROM known_device WHERE account_id = p_account_id AND token_hash NOT IN (
        SELECT token_hash FROM known_device WHERE account_id = p_account_id
        ORDER BY least(last_used_at, clock_timestamp()) DESC, token_hash = p_device_hash DESC LIMIT 20);
END $$;

-- Inserts a session, and makes the browser known to the account; the callers have decided that it may open.
CREATE OR REPLACE FUNCTION insert_session(
    p_account_id bigint, p_token_hash bytea, p_ip_address inet, p_device_hash bytea
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM remember_device(p_account_id, p_device_hash, p_ip_address);
    DELETE FROM web_session WHERE NOT is_session_open(last_seen_at, expires_at);
    INSERT INTO web_session (token_hash, account_id, expires_at, ip_address, password_confirmed_at)
        SELECT p_token_hash, id, clock_timestamp() + interval '24 hours', p_ip_address, clock_timestamp()
        FROM account WHERE id = p_account_id AND active;
    PERFORM record_account_audit('sign_in', p_account_id, p_account_id, '{}', p_ip_address);
END $$;

-- Opens a session after the password. An account with a second factor gets one by complete_second_step only, or in the
-- transaction in which it has changed its own password, in a session that had passed the second step.
CREATE OR REPLACE FUNCTION open_session(
    p_account_id bigint, p_token_hash bytea, p_ip_address inet, p_device_hash bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(NOT has_second_factor(p_account_id) OR EXISTS (SELECT FROM credential
        WHERE account_id = p_account_id AND NOT must_change AND changed_at >= transaction_timestamp()));
    PERFORM insert_session(p_account_id, p_token_hash, p_ip_address, p_device_hash);
END $$;

CREATE OR REPLACE FUNCTION close_session(p_token_hash bytea, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    session_account_id bigint;
BEGIN
    DELETE FROM web_session WHERE token_hash = p_token_hash RETURNING account_id INTO session_account_id;
    IF session_account_id IS NOT NULL THEN
        PERFORM record_account_audit('sign_out', session_account_id, session_account_id, '{}', p_ip_address);
    END IF;
END $$;

-- Replaces a password hash by one of the same password with today's parameters. The caller knows the old hash.
CREATE OR REPLACE FUNCTION update_password_hash(p_account_id bigint, p_old_hash text, p_new_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE credential SET password_hash = p_new_hash WHERE account_id = p_account_id AND password_hash = p_old_hash
$$;

-- The ids of the peppers that passwords were hashed with, and the number of accounts of each; '' is without one.
CREATE OR REPLACE FUNCTION count_peppers() RETURNS TABLE (pepper_id text, accounts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT split_part(password_hash, '$', 1), count(*) FROM credential GROUP BY 1 ORDER BY 1 $$;
