-- Special tasks, budgets and alarms of reveals: what admins do about them. Only the login for accounts may call these
-- functions. What others may reveal changes only in a session whose password was typed within the last 5 minutes.

-- The one community in which accounts work; NULL where they work in several or in a whole subdistrict.
CREATE OR REPLACE FUNCTION community_of_accounts(p_account_ids bigint[]) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT CASE WHEN count(DISTINCT community_id) = 1 AND bool_and(community_id IS NOT NULL) THEN min(community_id) END
    FROM account_scope WHERE account_id = ANY (p_account_ids) AND valid @> today()
$$;

-- Opens a special task for workers and stations that the admin manages.
CREATE OR REPLACE FUNCTION open_special_task(
    p_subdistrict_id bigint, p_purpose text, p_fields text[], p_households integer, p_valid daterange,
    p_account_ids bigint[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    task_id bigint;
BEGIN
    PERFORM require_permission(my_role() = 'admin' AND p_subdistrict_id = ANY (my_subdistricts())
        AND cardinality(p_account_ids) > 0 AND NOT EXISTS (
            SELECT FROM unnest(p_account_ids) AS named(id) LEFT JOIN account a ON a.id = named.id
            WHERE a.role IS NULL OR a.role NOT IN ('worker', 'station') OR NOT can_manage_account(named.id)));
    PERFORM require_recent_password();
    INSERT INTO special_task (subdistrict_id, purpose, fields, households, valid, opened_by)
        VALUES (p_subdistrict_id, p_purpose, p_fields, p_households, p_valid, my_account()) RETURNING id INTO task_id;
    INSERT INTO special_task_account (subdistrict_id, special_task_id, account_id)
        SELECT DISTINCT p_subdistrict_id, task_id, named.id FROM unnest(p_account_ids) AS named(id);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details)
        VALUES (p_subdistrict_id, community_of_accounts(p_account_ids), my_account(), 'special_task_opened',
            'special_task', task_id, p_purpose,
            jsonb_build_object('fields', p_fields, 'households', p_households, 'accounts', p_account_ids,
                'from', lower(p_valid), 'until', upper(p_valid) - 1));
    RETURN task_id;
END $$;

-- Closes a special task before its last day; one that is closed already stays as it is.
CREATE OR REPLACE FUNCTION close_special_task(p_special_task_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(can_manage_special_task(p_special_task_id));
    PERFORM require_recent_password();
    UPDATE special_task SET closed_at = clock_timestamp(), closed_by = my_account()
        WHERE id = p_special_task_id AND closed_at IS NULL;
    IF FOUND THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id)
            SELECT t.subdistrict_id, community_of_accounts(ARRAY(
                    SELECT account_id FROM special_task_account WHERE special_task_id = t.id)),
                my_account(), 'special_task_closed', 'special_task', t.id
            FROM special_task t WHERE t.id = p_special_task_id;
    END IF;
END $$;

-- Sets the households a day that accounts of a role may reveal in a subdistrict.
CREATE OR REPLACE FUNCTION set_reveal_budget(p_subdistrict_id bigint, p_role text, p_households integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before constant integer := reveal_budget_of(p_subdistrict_id, p_role);
BEGIN
    PERFORM require_permission(is_owner() OR my_role() = 'admin' AND p_subdistrict_id = ANY (my_whole_subdistricts()));
    PERFORM require_recent_password();
    IF before = p_households THEN
        RETURN;
    END IF;
    INSERT INTO reveal_budget (subdistrict_id, role, households_per_day)
        VALUES (p_subdistrict_id, p_role, p_households)
        ON CONFLICT (subdistrict_id, role) DO UPDATE SET households_per_day = excluded.households_per_day;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
        VALUES (p_subdistrict_id, my_account(), 'reveal_budget_set', 'subdistrict', p_subdistrict_id,
            jsonb_build_object('role', p_role, 'from', before, 'to', p_households));
END $$;

-- Records that an admin has looked into the alarms of an account, in every place that the admin sees.
CREATE OR REPLACE FUNCTION record_alarm_seen(p_account_id bigint, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_role() = 'admin');
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, ip_address)
        SELECT DISTINCT a.subdistrict_id, a.community_id, my_account(), 'reveal_alarm_seen', 'account', p_account_id,
            p_ip_address
        FROM audit a WHERE a.account_id = p_account_id AND a.action = 'reveal_refused'
            AND a.at > now() - interval '7 days' AND is_in_my_scope(a.subdistrict_id, a.community_id);
END $$;
