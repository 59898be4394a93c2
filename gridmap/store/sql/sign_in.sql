-- Sign-in. The application cannot read passwords or sessions; it calls these functions, and they write the audit.
-- A sign-in takes two transactions: begin_sign_in counts the attempt before anything is verified, so that a thousand
-- attempts at once count as a thousand attempts; then open_session, which clears the count, or record_failed_sign_in.

-- Writes one row of the audit for each subdistrict of an account, so that every admin concerned sees it. The actor
-- (p_account_id) is the account that did it, the subject (p_subject_id) the account that it was done to.
CREATE OR REPLACE FUNCTION record_account_audit(
    p_action text, p_subject_id bigint, p_account_id bigint, p_details jsonb, p_ip_address inet
) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details, ip_address)
    SELECT DISTINCT s.subdistrict_id, p_account_id, p_action, 'account', p_subject_id, p_details, p_ip_address
    FROM (SELECT 1) AS one_row LEFT JOIN account_scope s ON s.account_id = p_subject_id AND s.valid @> today()
$$;

-- The wait after a number of attempts: none within the free attempts, then longer with each attempt.
CREATE OR REPLACE FUNCTION sign_in_delay(p_attempts integer, p_free_attempts integer) RETURNS interval
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT make_interval(mins => CASE WHEN p_attempts < p_free_attempts THEN 0 WHEN p_attempts = p_free_attempts THEN 1
                                      WHEN p_attempts = p_free_attempts + 1 THEN 5 ELSE 15 END)
$$;

CREATE OR REPLACE FUNCTION name_fingerprint(p_name text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$ SELECT sha256(convert_to('name ' || p_name, 'UTF8')) $$;

-- A household gets a whole /64 of IPv6 addresses: they count as one address.
CREATE OR REPLACE FUNCTION ip_fingerprint(p_ip_address inet) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT sha256(convert_to('address ' || coalesce(host(CASE family(p_ip_address)
        WHEN 6 THEN network(set_masklen(p_ip_address, 64)) ELSE p_ip_address END), ''), 'UTF8'))
$$;

-- The password hash to verify, or no account, or the seconds to wait. An unknown name is throttled like a known one.
CREATE OR REPLACE FUNCTION begin_sign_in(p_name text, p_ip_address inet)
RETURNS TABLE (account_id bigint, password_hash text, wait_s integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    of_name bytea := name_fingerprint(p_name);
    of_ip bytea := ip_fingerprint(p_ip_address);
    attempted_at timestamptz := clock_timestamp();
BEGIN
    DELETE FROM sign_in_throttle WHERE fingerprint IN (
        SELECT fingerprint FROM sign_in_throttle WHERE last_attempt_at < attempted_at - interval '1 day'
        LIMIT 100 FOR UPDATE SKIP LOCKED);
    INSERT INTO sign_in_throttle (fingerprint, failures, last_attempt_at)
        SELECT f, 0, attempted_at FROM unnest(ARRAY[of_name, of_ip]) AS f ORDER BY f ON CONFLICT DO NOTHING;
    SELECT ceil(extract(epoch FROM max(locked.locked_until) - attempted_at)) INTO wait_s FROM (
        SELECT locked_until FROM sign_in_throttle WHERE fingerprint IN (of_name, of_ip)
        ORDER BY fingerprint FOR UPDATE) AS locked;
    IF wait_s > 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;
    wait_s := 0;
    UPDATE sign_in_throttle t SET last_attempt_at = attempted_at, failures = attempts.count,
        locked_until = attempted_at + nullif(sign_in_delay(attempts.count, attempts.free), interval '0')
    FROM (
        SELECT b.fingerprint, b.free,
            1 + CASE WHEN b.fingerprint = of_ip AND b.last_attempt_at < attempted_at - interval '1 hour' THEN 0
                     ELSE b.failures END AS count
        FROM (SELECT *, CASE WHEN fingerprint = of_name THEN 5 ELSE 50 END AS free FROM sign_in_throttle) b
        WHERE b.fingerprint IN (of_name, of_ip)
    ) AS attempts WHERE t.fingerprint = attempts.fingerprint;
    SELECT a.id, c.password_hash INTO account_id, password_hash
        FROM account a JOIN credential c ON c.account_id = a.id WHERE a.name = p_name AND a.active;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION record_failed_sign_in(p_name text, p_ip_address inet) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT record_account_audit('sign_in_failed', (SELECT id FROM account WHERE name = p_name), NULL,
        (SELECT jsonb_build_object('failures', failures) FROM sign_in_throttle
            WHERE fingerprint = name_fingerprint(p_name)),
        p_ip_address)
$$;

-- Opens a session. It ends after 24 hours, or after 8 hours without use.
CREATE OR REPLACE FUNCTION open_session(p_account_id bigint, p_token_hash bytea, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM sign_in_throttle
        WHERE fingerprint = (SELECT name_fingerprint(name) FROM account WHERE id = p_account_id);
    UPDATE sign_in_throttle SET failures = greatest(failures - 1, 0), locked_until = NULL
        WHERE fingerprint = ip_fingerprint(p_ip_address);
    DELETE FROM web_session
        WHERE expires_at < clock_timestamp() OR last_seen_at < clock_timestamp() - interval '8 hours';
    INSERT INTO web_session (token_hash, account_id, expires_at, ip_address)
        SELECT p_token_hash, id, clock_timestamp() + interval '24 hours', p_ip_address
        FROM account WHERE id = p_account_id AND active;
    PERFORM record_account_audit('sign_in', p_account_id, p_account_id, '{}', p_ip_address);
END $$;

-- The account of a session. The time of use is written once a minute at most: most pages then write nothing.
CREATE OR REPLACE FUNCTION find_session(p_token_hash bytea)
RETURNS TABLE (id bigint, name varchar, display_name varchar, role varchar, language varchar, must_change boolean,
               subdistricts bigint[], subdistrict_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    session_account_id bigint;
    last_seen timestamptz;
BEGIN
    SELECT account_id, last_seen_at INTO session_account_id, last_seen FROM web_session
        WHERE token_hash = p_token_hash AND expires_at > clock_timestamp()
            AND last_seen_at > clock_timestamp() - interval '8 hours';
    IF last_seen < clock_timestamp() - interval '1 minute' THEN
        UPDATE web_session SET last_seen_at = clock_timestamp() WHERE token_hash = p_token_hash;
    END IF;
    RETURN QUERY SELECT a.id, a.name, a.display_name, a.role, a.language, c.must_change,
        coalesce(scopes.ids, '{}'), scopes.names
    FROM account a JOIN credential c ON c.account_id = a.id,
        LATERAL (SELECT array_agg(d.id ORDER BY d.id) AS ids, string_agg(d.name, ' · ' ORDER BY d.id) AS names
                 FROM subdistrict d WHERE d.id IN (SELECT s.subdistrict_id FROM account_scope s
                                                   WHERE s.account_id = a.id AND s.valid @> today())) AS scopes
    WHERE a.id = session_account_id AND a.active;
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
