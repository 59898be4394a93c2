-- Reports of incidents by accounts, as numbers only, and downloads of figures.

-- Accounts of workers and stations of a subdistrict in use today, and those that entered no ordinary incident in a
-- range of days. Incidents about persons do not count: a day on which someone entered something would tell of one.
-- A community has no numbers of its own, so that no number is about one worker.
CREATE OR REPLACE FUNCTION count_reporting_accounts(p_subdistrict_id bigint, p_first_day date, p_last_day date)
RETURNS TABLE (role varchar, accounts bigint, silent bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 2 SET search_path = public, pg_temp
AS $$
    SELECT a.role, count(*), count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM incident i WHERE i.reported_by = a.id AND i.subdistrict_id = p_subdistrict_id
            AND i.access_class = 'ordinary' AND i.reported_at >= p_first_day::timestamptz
            AND i.reported_at < (p_last_day + 1)::timestamptz))
    FROM account a
    WHERE a.active AND a.role IN ('worker', 'station')
        AND (is_owner() OR (SELECT my_role()) IN ('leader', 'planner', 'station')
            AND p_subdistrict_id = ANY ((SELECT my_whole_subdistricts())::bigint[]))
        AND EXISTS (SELECT FROM scopes_of(a.id, today()) s WHERE s.subdistrict_id = p_subdistrict_id)
    GROUP BY a.role
$$;

-- Records that the figures of incidents of a subdistrict were downloaded.
CREATE OR REPLACE FUNCTION record_figures_export(p_subdistrict_id bigint, p_details jsonb, p_ip_address inet)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM require_permission(my_role() IN ('leader', 'planner', 'station')
        AND p_subdistrict_id = ANY (my_subdistricts()));
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details, ip_address)
        VALUES (p_subdistrict_id, my_account(), 'export', 'subdistrict', p_subdistrict_id, p_details, p_ip_address);
END $$;
