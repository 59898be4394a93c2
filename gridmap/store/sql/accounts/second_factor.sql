-- The second factor: one-time codes of an app (TOTP, RFC 6238), and recovery codes. The secret is encrypted with a key
-- outside the database, so the caller computes the codes; the functions hold that each code counts once, and that no
-- session opens without one. Between password and code there is a row of pending_sign_in and no session: nothing but
-- these functions knows it, and my_account() is nobody.

CREATE OR REPLACE FUNCTION has_second_factor(p_account_id bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM second_factor WHERE account_id = p_account_id AND confirmed_at IS NOT NULL) $$;

CREATE OR REPLACE FUNCTION count_recovery_codes(p_account_id bigint) RETURNS integer
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT count(*)::integer FROM recovery_code WHERE account_id = p_account_id AND used_at IS NULL $$;

-- Begins the second step of a sign-in whose password was right; false for an account that has no second factor.
CREATE OR REPLACE FUNCTION begin_second_step(p_account_id bigint, p_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM pending_sign_in WHERE expires_at
        NOT BETWEEN clock_timestamp() AND clock_timestamp() + interval '5 minutes';
    INSERT INTO pending_sign_in (token_hash, account_id, expires_at)
        SELECT p_token_hash, p_account_id, clock_timestamp() + interval '5 minutes'
        WHERE has_second_factor(p_account_id);
    RETURN FOUND;
END $$;

-- The account of a sign-in that waits for its code, and the secret to compute codes with.
CREATE OR REPLACE FUNCTION find_second_step(p_token_hash bytea)
RETURNS TABLE (account_id bigint, name varchar, secret bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.id, a.name, f.secret
    FROM pending_sign_in p JOIN account a ON a.id = p.account_id AND a.active
        JOIN second_factor f ON f.account_id = a.id AND f.confirmed_at IS NOT NULL
    WHERE p.token_hash = p_token_hash
        AND p.expires_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '5 minutes'
$$;

-- Takes a code and opens the session: the code of a time step that is later than the last one, or a recovery code that
-- is not used. False if the code has been used. A last step in the future was written while the clock was ahead.
CREATE OR REPLACE FUNCTION complete_second_step(
    p_pending_hash bytea, p_step integer, p_code_hash bytea, p_token_hash bytea, p_ip_address inet, p_device_hash bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    pending_account_id bigint;
    latest_step constant integer := extract(epoch FROM clock_timestamp())::bigint / 30 + 2;
BEGIN
    PERFORM FROM pending_sign_in WHERE token_hash = p_pending_hash FOR UPDATE;
    SELECT account_id INTO pending_account_id FROM find_second_step(p_pending_hash);
    IF p_step IS NOT NULL THEN
        UPDATE second_factor SET last_step = p_step
            WHERE account_id = pending_account_id AND (last_step < p_step OR last_step > latest_step);
    ELSE
        UPDATE recovery_code SET used_at = clock_timestamp()
            WHERE account_id = pending_account_id AND code_hash = p_code_hash AND used_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM pending_sign_in WHERE token_hash = p_pending_hash;
    PERFORM insert_session(pending_account_id, p_token_hash, p_ip_address, p_device_hash);
    IF p_step IS NULL THEN
        PERFORM record_account_audit('recovery_code_used', pending_account_id, pending_account_id,
            jsonb_build_object('left', count_recovery_codes(pending_account_id)), p_ip_address);
    END IF;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION record_failed_second_step(p_token_hash bytea, p_ip_address inet) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT record_account_audit('second_factor_failed', account_id, NULL, '{}', p_ip_address)
    FROM pending_sign_in WHERE token_hash = p_token_hash
$$;

-- The second factor of the own account: since when, and how many recovery codes are left; no row without one.
CREATE OR REPLACE FUNCTION my_second_factor() RETURNS TABLE (confirmed_at timestamptz, codes_left integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT f.confirmed_at, count_recovery_codes(f.account_id) FROM second_factor f
    WHERE f.account_id = my_account() AND f.confirmed_at IS NOT NULL
$$;

-- The encrypted secret that this session has begun to set up. A secret that another session has seen is not offered.
CREATE OR REPLACE FUNCTION find_enrolment() RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT secret FROM second_factor
    WHERE account_id = my_account() AND confirmed_at IS NULL AND session_hash = my_session_hash()
$$;

-- Stores a secret that is to be set up by this session, in place of one that was not confirmed.
CREATE OR REPLACE FUNCTION begin_enrolment(p_secret bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_account() IS NOT NULL AND NOT has_second_factor(my_account()));
    INSERT INTO second_factor (account_id, secret, session_hash) VALUES (my_account(), p_secret, my_session_hash())
        ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, session_hash = excluded.session_hash
        WHERE second_factor.confirmed_at IS NULL;
END $$;

-- Sets the second factor up after its first code. Ends the other sessions, which were opened by the password alone.
CREATE OR REPLACE FUNCTION confirm_enrolment(p_step integer, p_code_hashes bytea[], p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_recent_password();
    UPDATE second_factor SET confirmed_at = clock_timestamp(), last_step = p_step, session_hash = NULL
        WHERE account_id = my_account() AND confirmed_at IS NULL AND session_hash = my_session_hash();
    PERFORM require_permission(FOUND);
    DELETE FROM recovery_code WHERE account_id = my_account();
    INSERT INTO recovery_code (account_id, code_hash) SELECT my_account(), unnest(p_code_hashes);
    DELETE FROM web_session WHERE account_id = my_account() AND token_hash <> my_session_hash();
    PERFORM record_account_audit('second_factor_set', my_account(), my_account(), '{}', p_ip_address);
END $$;

-- Whether an account that one manages has a second factor; NULL for others.
CREATE OR REPLACE FUNCTION managed_second_factor(p_account_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT CASE WHEN can_manage_account(p_account_id) THEN has_second_factor(p_account_id) END $$;

-- Removes the second factor of an account that one manages, never of one's own. Ends every session of the account.
CREATE OR REPLACE FUNCTION reset_second_factor(p_account_id bigint, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(can_manage_account(p_account_id) AND p_account_id IS DISTINCT FROM my_account());
    PERFORM require_recent_password();
    DELETE FROM recovery_code WHERE account_id = p_account_id;
    DELETE FROM second_factor WHERE account_id = p_account_id;
    DELETE FROM pending_sign_in WHERE account_id = p_account_id;
    DELETE FROM web_session WHERE account_id = p_account_id;
    DELETE FROM known_device WHERE account_id = p_account_id;
    PERFORM record_account_audit('second_factor_reset', p_account_id, my_account(), '{}', p_ip_address);
END $$;
