-- The sessions of the transaction's own account: listed and ended on the account's page.

-- The hash of the session token that the transaction acts for.
CREATE OR REPLACE FUNCTION my_session_hash() RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT token_fingerprint(nullif(current_setting('gridmap.session_token', true), '')) $$;

-- A name for a session in pages, which is neither its token nor the hash that is stored.
CREATE OR REPLACE FUNCTION session_handle(p_token_hash bytea) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$ SELECT left(encode(sha256('handle'::bytea || p_token_hash), 'hex'), 16) $$;

CREATE OR REPLACE FUNCTION list_my_sessions()
RETURNS TABLE (handle text, opened_at timestamptz, last_seen_at timestamptz, ip_address text, is_current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT session_handle(s.token_hash), s.created_at, s.last_seen_at, host(s.ip_address),
        s.token_hash = my_session_hash()
    FROM web_session s
    WHERE s.account_id = my_account() AND is_session_open(s.last_seen_at, s.expires_at)
    ORDER BY s.token_hash = my_session_hash() DESC, s.last_seen_at DESC
$$;

-- Ends one session of the own account by its handle, or with NULL all; never the one that asks. Returns how many.
CREATE OR REPLACE FUNCTION end_my_sessions(p_handle text, p_ip_address inet) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    PERFORM require_permission(my_account() IS NOT NULL);
    DELETE FROM web_session WHERE account_id = my_account() AND token_hash <> my_session_hash()
        AND (p_handle IS NULL OR session_handle(token_hash) = p_handle);
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF ended > 0 THEN
        PERFORM record_account_audit('sessions_ended', my_account(), my_account(),
            jsonb_build_object('sessions', ended), p_ip_address);
    END IF;
    RETURN ended;
END $$;

-- Whether the password was typed within the last 5 minutes of the transaction's session. A time in the future, written
-- while the clock was ahead, does not count. The owner has no session and no password to type.
CREATE OR REPLACE FUNCTION is_password_recent() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT is_owner() OR EXISTS (SELECT FROM web_session WHERE token_hash = my_session_hash()
        AND password_confirmed_at BETWEEN clock_timestamp() - interval '5 minutes' AND clock_timestamp())
$$;

-- Refuses a change of another account's rights in a session whose password was typed too long ago: a browser may have
-- been left unattended.
CREATE OR REPLACE FUNCTION require_recent_password() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    IF NOT is_password_recent() THEN
        RAISE EXCEPTION 'the password has to be typed again' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Notes that the password was typed right now; the caller has verified it. Clears the count of the attempts.
CREATE OR REPLACE FUNCTION confirm_password(p_ip_address inet, p_device_hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(my_account() IS NOT NULL);
    UPDATE web_session SET password_confirmed_at = clock_timestamp() WHERE token_hash = my_session_hash();
    PERFORM remember_device(my_account(), p_device_hash, p_ip_address);
END $$;
