-- The roster. A duty for a grid opens the persons of the grid to the worker's account, so each change is recorded.

-- Trigger: a change of a duty of a worker with an account is recorded.
CREATE OR REPLACE FUNCTION record_roster_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        SELECT w.subdistrict_id, w.community_id, my_account(), 'roster_changed', 'account', w.account_id,
            jsonb_strip_nulls(jsonb_build_object(
                'grid', c.grid_id, 'from', lower(c.valid), 'until', upper(c.valid) - 1))
        FROM changed c JOIN worker w ON w.id = c.worker_id
        WHERE w.account_id IS NOT NULL AND c.kind = 'own_grid';
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER record_roster_insert AFTER INSERT ON duty
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_roster_change();
CREATE OR REPLACE TRIGGER record_roster_update AFTER UPDATE ON duty
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_roster_change();
CREATE OR REPLACE TRIGGER record_roster_delete AFTER DELETE ON duty
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_roster_change();

-- Whether the account keeps the roster of a person: stations and administrators do in their communities.
CREATE OR REPLACE FUNCTION is_on_my_roster(p_worker_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN is_owner() OR my_role() IN ('station', 'admin')
        AND EXISTS (SELECT FROM worker w WHERE w.id = p_worker_id AND w.community_id = ANY (my_communities()));
END $$;

-- Takes a duty back that begins today or later; one that has begun is ended instead, so that the past stays true.
CREATE OR REPLACE FUNCTION cancel_duty(p_duty_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(is_on_my_roster((SELECT worker_id FROM duty WHERE id = p_duty_id)));
    DELETE FROM duty WHERE id = p_duty_id AND lower(valid) >= today();
END $$;
