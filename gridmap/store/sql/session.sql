-- Identity of a transaction. Nobody is trusted to say who they are: a transaction names the session token of a browser,
-- or the token of a running job, and the account follows from the token's hash. A token cannot be guessed, and the
-- application reads no hash.

-- Whether a session is open: it ends after 24 hours, or after 8 hours without use. Times beyond these spans were
-- written while the clock was ahead; nobody knows when they were, so such a session is over. 5 minutes are tolerated.
-- The time is that of the statement: a volatile function would keep the planner from inlining this one, and the time of
-- the transaction would let an open transaction outlive its session.
CREATE OR REPLACE FUNCTION is_session_open(p_last_seen_at timestamptz, p_expires_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT p_expires_at BETWEEN statement_timestamp() AND statement_timestamp() + interval '24 hours 5 minutes'
        AND p_last_seen_at BETWEEN statement_timestamp() - interval '8 hours'
            AND statement_timestamp() + interval '5 minutes'
$$;

-- Lets the transaction act for the account of a session; it ends with the transaction.
CREATE OR REPLACE FUNCTION act_as(p_token text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN PERFORM set_config('gridmap.session_token', p_token, true); END $$;

CREATE OR REPLACE FUNCTION token_fingerprint(p_token text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT sha256(convert_to(p_token, 'UTF8')) $$;

-- The account of the transaction's session, or of its job; NULL without an open session or a lease that holds, and for
-- a deactivated account.
CREATE OR REPLACE FUNCTION my_account() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    token constant text := nullif(current_setting('gridmap.session_token', true), '');
BEGIN
    IF token IS NULL THEN
        RETURN NULL;
    END IF;
    IF starts_with(token, 'job ') THEN
        RETURN (SELECT j.account_id FROM job j JOIN account a ON a.id = j.account_id AND a.active
            WHERE j.token_hash = sha256(convert_to(token, 'UTF8')) AND j.lease_expires_at > statement_timestamp());
    END IF;
    RETURN (SELECT s.account_id FROM web_session s JOIN account a ON a.id = s.account_id AND a.active
        WHERE s.token_hash = sha256(convert_to(token, 'UTF8'))
            AND is_session_open(s.last_seen_at, s.expires_at));
END $$;

-- Whether the session is the database's owner, who acts for no account. The application's logins never are.
CREATE OR REPLACE FUNCTION is_owner() RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT pg_has_role(session_user, '@reader@', 'MEMBER') $$;

-- The current date of pages and permissions, in the time zone of the office; a rehearsal has another. Both are rows
-- that only the owner writes: a setting of the connection could be changed by any statement.
CREATE OR REPLACE FUNCTION today() RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN coalesce((SELECT coalesce(rehearsal_date, (now() AT TIME ZONE time_zone)::date) FROM installation),
        CURRENT_DATE);
END $$;

CREATE OR REPLACE FUNCTION require_permission(p_allowed boolean) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    IF p_allowed IS NOT TRUE THEN
        RAISE EXCEPTION 'not allowed to this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- The account of a session. The time of use is written once a minute at most: most pages then write nothing.
CREATE OR REPLACE FUNCTION find_session(p_token text)
RETURNS TABLE (id bigint, name varchar, display_name varchar, role varchar, language varchar, must_change boolean,
               must_enrol boolean, subdistrict_name text, subdistrict_ids bigint[],
               whole_subdistrict_ids bigint[], community_ids bigint[], grid_ids bigint[], unseen_jobs bigint,
               unseen_notices bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    of_token constant bytea := token_fingerprint(p_token);
    session_account_id bigint;
    last_seen timestamptz;
    present_day constant date := today();
BEGIN
    SELECT s.account_id, s.last_seen_at INTO session_account_id, last_seen FROM web_session s
        WHERE s.token_hash = of_token AND is_session_open(s.last_seen_at, s.expires_at);
    IF last_seen < clock_timestamp() - interval '1 minute' THEN
        UPDATE web_session SET last_seen_at = clock_timestamp() WHERE token_hash = of_token;
    END IF;
    RETURN QUERY SELECT a.id, a.name, a.display_name, a.role, a.language, c.must_change,
        a.role = ANY (coalesce((SELECT i.second_factor_roles FROM installation i), '{admin,station}'))
            AND NOT EXISTS (SELECT FROM second_factor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL),
        scopes.names, coalesce(scopes.ids, '{}'), whole_subdistricts_of(a.id, present_day),
        communities_of(a.id, present_day), grids_of(a.id, present_day), count_unseen_jobs(a.id),
        (SELECT count(*) FROM case_notice n WHERE n.account_id = a.id AND n.seen_at IS NULL)
    FROM account a JOIN credential c ON c.account_id = a.id,
        LATERAL (SELECT array_agg(d.id ORDER BY d.id) AS ids, string_agg(d.name, ' · ' ORDER BY d.id) AS names
                 FROM subdistrict d WHERE d.id IN (SELECT s.subdistrict_id FROM account_scope s
                                                   WHERE s.account_id = a.id AND s.valid @> present_day)) AS scopes
    WHERE a.id = session_account_id AND a.active;
END $$;

CREATE OR REPLACE FUNCTION set_language(p_language text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ UPDATE account SET language = p_language WHERE id = my_account() $$;

-- Writes a row of the audit for the account that the transaction acts for, at the current time. A community that the
-- row names has to be one of the account's. An account records approvals only: all other rows are written by the
-- functions that do what the row says, so that no row can be forged.
CREATE OR REPLACE FUNCTION record_audit(
    p_action text, p_subdistrict_id bigint, p_community_id bigint, p_subject text, p_subject_id bigint, p_reason text,
    p_details jsonb, p_ip_address inet
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(is_owner() OR my_role() IS NOT NULL
        AND p_action = 'approve'
        AND (p_subdistrict_id IS NULL OR p_subdistrict_id = ANY (my_subdistricts()))
        AND (p_community_id IS NULL OR is_in_my_scope(p_subdistrict_id, p_community_id)));
    INSERT INTO audit
        (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details, ip_address)
        VALUES (p_subdistrict_id, p_community_id, my_account(), p_action, p_subject, p_subject_id, p_reason,
            p_details, p_ip_address);
END $$;
