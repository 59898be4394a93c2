-- Records of the owner's backups and restores, and what pages tell of them.

-- Writes a row of the audit for each subdistrict, so that its admins see it; one without a subdistrict if there are
-- none.
CREATE OR REPLACE FUNCTION record_for_all_subdistricts(p_action text, p_details jsonb) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    INSERT INTO audit (subdistrict_id, action, details)
    SELECT d.id, p_action, p_details FROM (SELECT 1) AS one_row LEFT JOIN subdistrict d ON true
$$;

-- When the last backup was made and when one failed last, for everybody: monitoring asks without an account. Reasons
-- are for admins and for the owner.
CREATE OR REPLACE FUNCTION backup_status()
RETURNS TABLE (succeeded_at timestamptz, failed_at timestamptz, failure jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT (SELECT max(at) FROM audit WHERE action = 'backup'), f.at,
        CASE WHEN is_owner() OR my_role() = 'admin' THEN f.details -> 'reason' END
    FROM (SELECT 1) AS one_row
    LEFT JOIN LATERAL (SELECT at, details FROM audit WHERE action = 'backup_failed' ORDER BY at DESC LIMIT 1) f ON true
$$;

-- Records that a restore brought back an account, a scope or an old password, for the admins of the account.
CREATE OR REPLACE FUNCTION record_returned_right(p_action text, p_account_name text, p_details jsonb) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$ SELECT record_account_audit(p_action, id, NULL, p_details, NULL) FROM account WHERE name = p_account_name $$;
