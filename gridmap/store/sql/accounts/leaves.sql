-- Leave of a worker. For its days the account of the substitute has the grids of the worker: scopes that begin and end
-- by themselves. Who keeps the roster of both may enter it, and gives no grid beyond the own communities.

-- Enters a leave and gives the account of the substitute, if there is one, the grids that the worker has on its days.
CREATE OR REPLACE FUNCTION open_leave(p_worker_id bigint, p_substitute_id bigint, p_valid daterange) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    absent constant worker := (SELECT w FROM worker w WHERE w.id = p_worker_id);
    substitute_account_id constant bigint := (SELECT w.account_id FROM worker w JOIN account a ON a.id = w.account_id
        AND a.active AND a.role = 'worker' WHERE w.id = p_substitute_id);
    new_leave_id bigint;
BEGIN
    PERFORM require_permission(is_on_my_roster(p_worker_id) AND is_on_my_roster(p_substitute_id)
        AND lower(p_valid) >= today() AND substitute_account_id IS DISTINCT FROM my_account());
    PERFORM require_recent_password();
    INSERT INTO leave (subdistrict_id, worker_id, substitute_id, valid, opened_by)
        VALUES (absent.subdistrict_id, p_worker_id, p_substitute_id, p_valid, my_account())
        RETURNING id INTO new_leave_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        VALUES (absent.subdistrict_id, absent.community_id, my_account(), 'leave_opened', 'worker', p_worker_id,
            jsonb_build_object('leave', new_leave_id, 'substitute', p_substitute_id, 'from', lower(p_valid),
                'until', upper(p_valid) - 1));
    WITH given AS (
        INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid, leave_id)
            SELECT DISTINCT substitute_account_id, g.subdistrict_id, g.community_id, g.id,
                d.valid * absent.valid * p_valid, new_leave_id
            FROM duty d JOIN grid g ON g.id = d.grid_id
            WHERE d.worker_id = p_worker_id AND d.role IN ('grid_leader', 'grid_worker')
                AND NOT isempty(d.valid * absent.valid * p_valid) AND substitute_account_id IS NOT NULL
                AND (is_owner() OR g.community_id = ANY (my_communities()))
            ON CONFLICT DO NOTHING
            RETURNING subdistrict_id, community_id, grid_id, valid)
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        SELECT g.subdistrict_id, g.community_id, my_account(), 'scope_given', 'account', substitute_account_id,
            jsonb_build_object('grid', g.grid_id, 'leave', new_leave_id, 'from', lower(g.valid),
                'until', upper(g.valid) - 1)
        FROM given g;
    RETURN new_leave_id;
END $$;

-- Ends a leave with yesterday, and with it the access of the substitute; one that begins today or later is removed.
CREATE OR REPLACE FUNCTION end_leave(p_leave_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    ended leave;
    community constant bigint := (SELECT w.community_id FROM leave l JOIN worker w ON w.id = l.worker_id
        WHERE l.id = p_leave_id);
BEGIN
    SELECT * INTO ended FROM leave WHERE id = p_leave_id FOR UPDATE;
    PERFORM require_permission(is_on_my_roster(ended.worker_id) AND upper(ended.valid) > today());
    PERFORM require_recent_password();
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        SELECT s.subdistrict_id, s.community_id, my_account(), 'scope_ended', 'account', s.account_id,
            jsonb_build_object('grid', s.grid_id, 'leave', p_leave_id)
        FROM account_scope s WHERE s.leave_id = p_leave_id AND upper(s.valid) > today();
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        VALUES (ended.subdistrict_id, community, my_account(), 'leave_ended', 'worker', ended.worker_id,
            jsonb_build_object('leave', p_leave_id));
    DELETE FROM account_scope WHERE leave_id = p_leave_id AND lower(valid) >= today();
    UPDATE account_scope SET valid = daterange(lower(valid), today())
        WHERE leave_id = p_leave_id AND valid @> today();
    DELETE FROM leave WHERE id = p_leave_id AND lower(valid) >= today();
    UPDATE leave SET valid = daterange(lower(valid), today()) WHERE id = p_leave_id AND valid @> today();
END $$;
