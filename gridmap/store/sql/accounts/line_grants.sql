-- Service lines of leaders: given one at a time and ended by an administrator. Only the login for accounts may call
-- these functions, in a session whose password was typed within the last 5 minutes.

-- Trigger: only a leader has lines, and a line is given for the sensitive categories that it has at that time. The
-- table requires a legal basis and an end of them.
CREATE OR REPLACE FUNCTION check_line_grant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    scope_role constant text := (SELECT a.role FROM account_scope s JOIN account a ON a.id = s.account_id
        WHERE s.id = NEW.account_scope_id);
BEGIN
    IF NOT scope_role IN (@line_roles@) THEN
        RAISE EXCEPTION 'a % has no service line', scope_role USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.sensitive_categories := ARRAY(SELECT c.key FROM service_line l JOIN incident_category c
                ON c.subdistrict_id = l.subdistrict_id AND c.line_of_work = l.key
            WHERE l.id = NEW.service_line_id AND c.access_class = 'sensitive' ORDER BY c.key);
    ELSIF NEW.sensitive_categories <> OLD.sensitive_categories OR NEW.service_line_id <> OLD.service_line_id
        OR NEW.account_scope_id <> OLD.account_scope_id OR upper(NEW.valid) > upper(OLD.valid)
        OR upper_inf(NEW.valid) AND NOT upper_inf(OLD.valid) THEN
        RAISE EXCEPTION 'a service line is given anew, not extended' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER check_line_grant BEFORE INSERT OR UPDATE ON account_scope_line
    FOR EACH ROW EXECUTE FUNCTION check_line_grant();

-- Gives a leader a line within a scope, for a period. Nobody gives one to himself, or beyond the own scopes.
CREATE OR REPLACE FUNCTION grant_line(
    p_scope_id bigint, p_service_line_id bigint, p_valid daterange, p_legal_basis text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    scope account_scope;
    granted account_scope_line;
BEGIN
    SELECT * INTO scope FROM account_scope WHERE id = p_scope_id;
    PERFORM require_permission(can_manage_account(scope.account_id) AND scope.account_id IS DISTINCT FROM my_account()
        AND can_grant_scope(scope.subdistrict_id, scope.community_id, scope.grid_id)
        AND EXISTS (SELECT FROM account WHERE id = scope.account_id AND role IN (@line_roles@))
        AND EXISTS (SELECT FROM service_line WHERE id = p_service_line_id AND subdistrict_id = scope.subdistrict_id));
    PERFORM require_recent_password();
    INSERT INTO account_scope_line (subdistrict_id, account_scope_id, service_line_id, valid, legal_basis, granted_by)
        VALUES (scope.subdistrict_id, p_scope_id, p_service_line_id, p_valid, nullif(btrim(p_legal_basis), ''),
            my_account())
        RETURNING * INTO granted;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details)
        SELECT scope.subdistrict_id, scope.community_id, my_account(), 'line_given', 'account', scope.account_id,
            granted.legal_basis, jsonb_strip_nulls(jsonb_build_object('line', l.key, 'from', lower(granted.valid),
                'until', upper(granted.valid) - 1, 'sensitive', nullif(granted.sensitive_categories, '{}')))
        FROM service_line l WHERE l.id = p_service_line_id;
    RETURN granted.id;
END $$;

-- Ends a line yesterday. One that begins today or later is deleted; the audit keeps it.
CREATE OR REPLACE FUNCTION end_line(p_line_grant_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    granted record;
BEGIN
    SELECT s.account_id, s.subdistrict_id, s.community_id, l.key INTO granted
        FROM account_scope_line g JOIN account_scope s ON s.id = g.account_scope_id
            JOIN service_line l ON l.id = g.service_line_id
        WHERE g.id = p_line_grant_id;
    PERFORM require_permission(can_manage_account(granted.account_id));
    PERFORM require_recent_password();
    DELETE FROM account_scope_line WHERE id = p_line_grant_id AND lower(valid) >= today();
    UPDATE account_scope_line SET valid = daterange(lower(valid), today())
        WHERE id = p_line_grant_id AND valid @> today();
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        VALUES (granted.subdistrict_id, granted.community_id, my_account(), 'line_ended', 'account',
            granted.account_id, jsonb_build_object('line', granted.key));
END $$;
