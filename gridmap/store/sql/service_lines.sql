-- Service lines 条线: categories that a leader sees live within a scope, for a purpose, with an entry in the audit.

-- The purpose that the transaction's session has chosen for its lines, and when it ends; no row without one.
CREATE OR REPLACE FUNCTION my_line_viewing() RETURNS TABLE (purpose varchar, matter_number varchar, ends_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp
AS $$
DECLARE
    token constant text := nullif(current_setting('gridmap.session_token', true), '');
BEGIN
    RETURN QUERY SELECT v.purpose, v.matter_number, v.opened_at + interval '8 hours' FROM line_viewing v
        WHERE v.token_hash = token_fingerprint(token) AND my_account() IS NOT NULL
            AND v.opened_at BETWEEN statement_timestamp() - interval '8 hours'
                AND statement_timestamp() + interval '5 minutes';
END $$;

-- Lines that the account has today, by scope. A line covers sensitive categories only as far as it was given for them,
-- with a legal basis and an end: neither another class of a category nor another category of a line widens it.
CREATE OR REPLACE FUNCTION lines_of(p_account_id bigint, p_day date)
RETURNS TABLE (subdistrict_id bigint, community_id bigint, service_line_id bigint, category varchar,
    covers_sensitive boolean)
LANGUAGE sql STABLE ROWS 20 SET search_path = public, pg_temp
AS $$
    SELECT s.subdistrict_id, s.community_id, l.id, c.key, c.key = ANY (g.sensitive_categories)
    FROM account a JOIN account_scope s ON s.account_id = a.id AND s.valid @> p_day
        JOIN account_scope_line g ON g.account_scope_id = s.id AND g.valid @> p_day
        JOIN service_line l ON l.id = g.service_line_id
        JOIN incident_category c ON c.subdistrict_id = l.subdistrict_id AND c.line_of_work = l.key
    WHERE a.id = p_account_id AND a.role = 'leader'
        AND is_scope_level_allowed(a.role, s.community_id, s.grid_id)
        AND (c.access_class <> 'sensitive' OR c.key = ANY (g.sensitive_categories))
$$;

-- Categories and classes of incidents that the account sees by its lines: none without a purpose. The community is
-- empty where the scope is a whole subdistrict. The policy of incidents calls it once for each statement.
CREATE OR REPLACE FUNCTION my_line_categories()
RETURNS TABLE (subdistrict_id bigint, community_id bigint, category varchar, access_class varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp
AS $$ BEGIN
    IF my_role() = 'leader' AND EXISTS (SELECT FROM my_line_viewing()) THEN
        RETURN QUERY SELECT o.subdistrict_id, o.community_id, o.category, k.access_class
            FROM lines_of(my_account(), today()) o
                JOIN (VALUES ('personal'::varchar), ('sensitive')) AS k (access_class)
                    ON k.access_class = 'personal' OR o.covers_sensitive;
    END IF;
END $$;

-- Keys of the lines that the account has today in a subdistrict, with or without a purpose.
CREATE OR REPLACE FUNCTION my_lines(p_subdistrict_id bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT o.service_line_id), '{}') FROM lines_of(my_account(), today()) o
        WHERE o.subdistrict_id = p_subdistrict_id);
END $$;

-- Chooses the purpose for which the session sees the incidents of its lines for 8 hours; a later one replaces it.
CREATE OR REPLACE FUNCTION open_line_viewing(p_purpose text, p_matter_number text, p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
BEGIN
    PERFORM require_permission(my_role() = 'leader' AND EXISTS (SELECT FROM lines_of(own_id, today())));
    PERFORM require_permission(p_purpose IN (@line_purposes@)
        AND (p_purpose <> 'matter' OR length(btrim(coalesce(p_matter_number, ''))) > 0));
    INSERT INTO line_viewing AS v (token_hash, purpose, matter_number, opened_at)
        VALUES (token_fingerprint(current_setting('gridmap.session_token')), p_purpose, nullif(p_matter_number, ''),
            clock_timestamp())
        ON CONFLICT (token_hash) DO UPDATE SET purpose = excluded.purpose, matter_number = excluded.matter_number,
            opened_at = excluded.opened_at;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, details, ip_address)
        SELECT o.subdistrict_id, o.community_id, own_id, 'line_viewing_opened',
            jsonb_strip_nulls(jsonb_build_object('purpose', p_purpose, 'matter_number', nullif(p_matter_number, ''),
                'lines', array_agg(DISTINCT l.key))), p_ip_address
        FROM lines_of(own_id, today()) o JOIN service_line l ON l.id = o.service_line_id GROUP BY 1, 2;
END $$;

-- Ends the purpose of the session before its 8 hours are over.
CREATE OR REPLACE FUNCTION end_line_viewing(p_ip_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
BEGIN
    DELETE FROM line_viewing WHERE token_hash = token_fingerprint(current_setting('gridmap.session_token'))
        AND own_id IS NOT NULL;
    IF FOUND THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, ip_address)
            SELECT DISTINCT s.subdistrict_id, s.community_id, own_id, 'line_viewing_ended', p_ip_address
            FROM scopes_of(own_id, today()) s;
    END IF;
END $$;

-- Incidents that a view of lines shows of a place: a community of the account, or all where it is NULL. p_filter has
-- categories, status at the end of the days, and a grid in force on the last day.
CREATE OR REPLACE FUNCTION count_line_incidents(
    p_subdistrict_id bigint, p_community_id bigint, p_days daterange, p_filter jsonb
) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
    zone constant text := coalesce((SELECT time_zone FROM installation), 'UTC');
    from_time constant timestamptz := coalesce(lower(p_days)::timestamp AT TIME ZONE zone, '-infinity');
    end_time constant timestamptz := coalesce(upper(p_days)::timestamp AT TIME ZONE zone, 'infinity');
    wanted constant text[] := ARRAY(SELECT jsonb_array_elements_text(p_filter->'categories'));
BEGIN
    RETURN (SELECT count(*) FROM incident i LEFT JOIN cell c ON c.id = i.cell_id
        WHERE i.subdistrict_id = p_subdistrict_id AND i.occurred_at >= from_time AND i.occurred_at < end_time
            AND (p_community_id IS NULL OR c.community_id = p_community_id)
            AND (wanted = '{}' OR i.category = ANY (wanted))
            AND (p_filter->>'status' IS NULL
                OR (p_filter->>'status' = 'closed') = (i.closed_at IS NOT NULL AND i.closed_at < end_time))
            AND (p_filter->>'grid' IS NULL OR coalesce((SELECT f.cell_id FROM incident_former_cell f
                WHERE f.incident_id = i.id AND f.valid @> upper(p_days) - 1), i.cell_id) IN (
                SELECT a.cell_id FROM assignment a JOIN adoption p ON p.revision_id = a.revision_id
                    AND p.valid @> upper(p_days) - 1
                WHERE a.grid_id = (p_filter->>'grid')::bigint))
            AND (i.category, i.access_class) IN (SELECT o.category, o.access_class FROM my_line_categories() o
                WHERE o.subdistrict_id = p_subdistrict_id AND o.community_id IS NOT DISTINCT FROM p_community_id));
END $$;

-- Records that an answer shows incidents of the account's lines, or counts of them: one row for each of its scopes
-- with a line, with the purpose, the days and the number of incidents. Returns whether the account has such a scope in
-- the subdistrict, and a purpose. p_days are those that the answer tells of; p_filter also names the page.
CREATE OR REPLACE FUNCTION record_line_view(
    p_subdistrict_id bigint, p_days daterange, p_filter jsonb, p_ip_address inet
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    wanted constant text[] := ARRAY(SELECT jsonb_array_elements_text(p_filter->'categories'));
BEGIN
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
        SELECT p_subdistrict_id, m.community_id, own_id, 'line_viewed',
            CASE WHEN p_filter ? 'grid' THEN 'grid' ELSE 'subdistrict' END,
            coalesce((p_filter->>'grid')::bigint, p_subdistrict_id),
            jsonb_strip_nulls(p_filter - 'categories' || jsonb_build_object('lines', m.lines,
                'categories', nullif(m.categories, '{}'), 'first', lower(p_days), 'last', upper(p_days) - 1,
                'purpose', v.purpose, 'matter_number', v.matter_number,
                'rows', count_line_incidents(p_subdistrict_id, m.community_id, p_days, p_filter))),
            p_ip_address
        FROM (SELECT o.community_id, array_agg(DISTINCT c.line_of_work) AS lines,
                array_agg(DISTINCT o.category) FILTER (WHERE wanted <> '{}') AS categories
            FROM my_line_categories() o
                JOIN incident_category c ON c.subdistrict_id = o.subdistrict_id AND c.key = o.category
            WHERE o.subdistrict_id = p_subdistrict_id AND (wanted = '{}' OR o.category = ANY (wanted))
            GROUP BY o.community_id) m CROSS JOIN my_line_viewing() v;
    RETURN FOUND;
END $$;

-- The text of an incident of the account's lines, which is opened one at a time and recorded.
CREATE OR REPLACE FUNCTION open_line_incident(p_incident_id bigint, p_ip_address inet) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    opened record;
BEGIN
    SELECT i.subdistrict_id, c.community_id, i.category, i.title, k.line_of_work INTO opened
        FROM incident i LEFT JOIN cell c ON c.id = i.cell_id
            JOIN incident_category k ON k.subdistrict_id = i.subdistrict_id AND k.key = i.category
        WHERE i.id = p_incident_id AND EXISTS (SELECT FROM my_line_categories() o
            WHERE o.subdistrict_id = i.subdistrict_id AND o.category = i.category AND o.access_class = i.access_class
                AND (o.community_id IS NULL OR o.community_id = c.community_id));
    IF FOUND THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details, ip_address)
            SELECT opened.subdistrict_id, opened.community_id, own_id, 'line_incident_opened', 'incident',
                p_incident_id, jsonb_strip_nulls(jsonb_build_object('category', opened.category,
                    'lines', ARRAY[opened.line_of_work], 'purpose', v.purpose, 'matter_number', v.matter_number)),
                p_ip_address
            FROM my_line_viewing() v;
    END IF;
    RETURN opened.title;
END $$;

-- Adds a service line, or changes the names of one, and sets the categories that it deals with. A category has one
-- line, so it leaves the other. Returns the key of the row.
CREATE OR REPLACE FUNCTION save_service_line(
    p_subdistrict_id bigint, p_key text, p_name_zh text, p_name_en text, p_categories text[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    line_id bigint;
    before constant jsonb := (SELECT jsonb_build_object('name_zh', l.name_zh, 'name_en', l.name_en, 'categories',
            (SELECT coalesce(jsonb_agg(c.key ORDER BY c.key), '[]') FROM incident_category c
                WHERE c.subdistrict_id = l.subdistrict_id AND c.line_of_work = l.key))
        FROM service_line l WHERE l.subdistrict_id = p_subdistrict_id AND l.key = p_key);
    saved constant jsonb := jsonb_build_object('name_zh', p_name_zh, 'name_en', p_name_en, 'categories',
        (SELECT coalesce(jsonb_agg(key ORDER BY key), '[]') FROM unnest(p_categories) AS key));
BEGIN
    PERFORM require_permission(my_role() = 'admin' AND p_subdistrict_id = ANY (my_whole_subdistricts()));
    INSERT INTO service_line (subdistrict_id, key, name_zh, name_en)
        VALUES (p_subdistrict_id, p_key, p_name_zh, p_name_en)
        ON CONFLICT (subdistrict_id, key) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en
        RETURNING id INTO line_id;
    UPDATE incident_category SET line_of_work = CASE WHEN key = ANY (p_categories) THEN p_key END
        WHERE subdistrict_id = p_subdistrict_id
            AND (line_of_work = p_key) IS DISTINCT FROM (key = ANY (p_categories))
            AND (line_of_work = p_key OR key = ANY (p_categories));
    IF before IS DISTINCT FROM saved THEN
        INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
            VALUES (p_subdistrict_id, my_account(), 'service_line_saved', 'service_line', line_id,
                jsonb_build_object('key', p_key, 'from', before, 'to', saved));
    END IF;
    RETURN line_id;
END $$;
