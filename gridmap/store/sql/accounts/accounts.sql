-- Accounts change through these functions only, and each writes its row of the audit. Only the login for accounts may
-- call them, so that a statement injected into a page cannot. A change of another account's rights needs a session
-- whose password was typed within the last 5 minutes.

-- Whether an admin manages an account: all its present and future scopes lie within the admin's own. For an account
-- whose scopes have all ended, the ended ones decide.
CREATE OR REPLACE FUNCTION can_manage_account(p_account_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT is_owner() OR my_role() = 'admin' AND (
        SELECT coalesce(bool_and(managed) FILTER (WHERE NOT ended), bool_and(managed), false) FROM (
            SELECT is_in_my_scope(subdistrict_id, community_id) AS managed, valid << daterange(today(), NULL) AS ended
            FROM account_scope WHERE account_id = p_account_id) AS scopes)
$$;

-- Whether an admin may give a scope: nobody gives more than he has. A grid has to lie in the community.
CREATE OR REPLACE FUNCTION can_grant_scope(p_subdistrict_id bigint, p_community_id bigint, p_grid_id bigint)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT (is_owner() OR my_role() = 'admin' AND is_in_my_scope(p_subdistrict_id, p_community_id))
        AND (p_grid_id IS NULL OR EXISTS (SELECT FROM grid WHERE id = p_grid_id AND community_id = p_community_id))
$$;

-- Adds a scope to an account, for a period. Nobody gives one to himself: an access that ends would never end.
CREATE OR REPLACE FUNCTION grant_scope(
    p_account_id bigint, p_subdistrict_id bigint, p_community_id bigint, p_grid_id bigint, p_valid daterange,
    p_can_approve boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    new_scope_id bigint;
BEGIN
    PERFORM require_permission(can_manage_account(p_account_id) AND p_account_id IS DISTINCT FROM my_account()
        AND can_grant_scope(p_subdistrict_id, p_community_id, p_grid_id));
    PERFORM require_recent_password();
    INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid, can_approve)
        VALUES (p_account_id, p_subdistrict_id, p_community_id, p_grid_id, p_valid, p_can_approve)
        RETURNING id INTO new_scope_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        VALUES (p_subdistrict_id, p_community_id, my_account(), 'scope_given', 'account', p_account_id,
            jsonb_strip_nulls(jsonb_build_object('grid', p_grid_id, 'can_approve', nullif(p_can_approve, false),
                'from', lower(p_valid), 'until', upper(p_valid) - 1)));
    RETURN new_scope_id;
END $$;

-- Creates an account with its password and first scope at once: without a scope, no admin could see the account.
CREATE OR REPLACE FUNCTION create_account(
    p_name text, p_display_name text, p_role text, p_password_hash text,
    p_subdistrict_id bigint, p_community_id bigint, p_grid_id bigint, p_valid daterange, p_can_approve boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    new_account_id bigint;
BEGIN
    PERFORM require_permission(can_grant_scope(p_subdistrict_id, p_community_id, p_grid_id));
    PERFORM require_recent_password();
    INSERT INTO account (name, display_name, role) VALUES (p_name, p_display_name, p_role)
        RETURNING id INTO new_account_id;
    INSERT INTO credential (account_id, password_hash) VALUES (new_account_id, p_password_hash);
    INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid, can_approve)
        VALUES (new_account_id, p_subdistrict_id, p_community_id, p_grid_id, p_valid, p_can_approve);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        VALUES (p_subdistrict_id, p_community_id, my_account(), 'account_made', 'account', new_account_id,
            jsonb_strip_nulls(jsonb_build_object('role', p_role, 'can_approve', nullif(p_can_approve, false))));
    RETURN new_account_id;
END $$;

-- Ends a scope yesterday. A scope that begins today or later is deleted.
CREATE OR REPLACE FUNCTION end_scope(p_scope_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    ended_scope account_scope;
    actor_id constant bigint := my_account();
BEGIN
    SELECT * INTO ended_scope FROM account_scope WHERE id = p_scope_id;
    PERFORM require_permission(can_manage_account(ended_scope.account_id));
    PERFORM require_recent_password();
    DELETE FROM account_scope WHERE id = p_scope_id AND lower(valid) >= today();
    UPDATE account_scope SET valid = daterange(lower(valid), today()) WHERE id = p_scope_id AND valid @> today();
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id)
        VALUES (ended_scope.subdistrict_id, ended_scope.community_id, actor_id, 'scope_ended', 'account',
            ended_scope.account_id);
END $$;

-- Sets the password of one's own account, or of an account that one manages; the latter must then change it. Ends every
-- session of the account and its wait after failed sign-ins; no browser is known to it any longer.
CREATE OR REPLACE FUNCTION set_password(p_account_id bigint, p_password_hash text, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    actor_id constant bigint := my_account(); -- before its session is deleted
    is_own constant boolean := coalesce(p_account_id = actor_id, false);
BEGIN
    PERFORM require_permission(is_own OR can_manage_account(p_account_id));
    IF NOT is_own THEN
        PERFORM require_recent_password();
    END IF;
    UPDATE credential SET password_hash = p_password_hash, must_change = NOT is_own, changed_at = clock_timestamp()
        WHERE account_id = p_account_id;
    DELETE FROM web_session WHERE account_id = p_account_id;
    DELETE FROM known_device WHERE account_id = p_account_id;
    DELETE FROM sign_in_throttle
        WHERE fingerprint = (SELECT name_fingerprint(name) FROM account WHERE id = p_account_id);
    PERFORM record_account_audit(CASE WHEN is_own THEN 'password_changed' ELSE 'password_reset' END, p_account_id,
        actor_id, '{}', p_ip_address);
END $$;

-- Activates or deactivates an account that one manages, never one's own. Ends every session of the account.
CREATE OR REPLACE FUNCTION set_active(p_account_id bigint, p_active boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(can_manage_account(p_account_id) AND p_account_id IS DISTINCT FROM my_account());
    PERFORM require_recent_password();
    UPDATE account SET active = p_active WHERE id = p_account_id;
    DELETE FROM web_session WHERE account_id = p_account_id;
    DELETE FROM known_device WHERE account_id = p_account_id;
    PERFORM record_account_audit(CASE WHEN p_active THEN 'account_activated' ELSE 'account_deactivated' END,
        p_account_id, my_account(), '{}', NULL);
END $$;

-- Lets a person of the roster sign in with an account, or with none: the account then sees the persons of the person's
-- grids. Only admins who manage the account, and whose scopes cover the community, may do it.
CREATE OR REPLACE FUNCTION link_worker(p_worker_id bigint, p_account_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    linked worker;
BEGIN
    SELECT * INTO linked FROM worker WHERE id = p_worker_id FOR UPDATE;
    PERFORM require_permission(is_owner() OR my_role() = 'admin'
        AND is_in_my_scope(linked.subdistrict_id, linked.community_id)
        AND (linked.account_id IS NULL OR can_manage_account(linked.account_id))
        AND (p_account_id IS NULL OR can_manage_account(p_account_id)));
    PERFORM require_permission(p_account_id IS NULL
        OR EXISTS (SELECT FROM account WHERE id = p_account_id AND role = 'worker'));
    PERFORM require_recent_password();
    UPDATE worker SET account_id = p_account_id WHERE id = p_worker_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        SELECT linked.subdistrict_id, linked.community_id, my_account(),
            CASE WHEN p_account_id IS NULL THEN 'worker_unlinked' ELSE 'worker_linked' END, 'account', concerned,
            jsonb_build_object('worker', p_worker_id)
        FROM unnest(ARRAY[p_account_id, linked.account_id]) AS concerned
        WHERE concerned IS NOT NULL AND (p_account_id IS NULL OR concerned = p_account_id);
END $$;

-- Whether an account of this name exists, in any subdistrict; only admins get a true answer.
CREATE OR REPLACE FUNCTION account_name_exists(p_name text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT (is_owner() OR my_role() = 'admin') AND EXISTS (SELECT FROM account WHERE name = p_name)
$$;
