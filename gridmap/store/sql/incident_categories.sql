-- Categories of incidents: what an administrator of the subdistrict changes. Every change is in the audit.

-- Adds a category, or changes the names, the main category, the purpose, the legal basis and the line of work of one.
-- p_texts are main category, Chinese name, English name, purpose, legal basis, line of work, class of a new category,
-- and, where a sheet brings it, its standard code. A new category comes from the source of the import, where it is one.
CREATE OR REPLACE FUNCTION save_incident_category(p_subdistrict_id bigint, p_key text, p_texts text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before jsonb;
    saved jsonb;
BEGIN
    PERFORM require_permission(is_owner()
        OR my_role() = 'admin' AND p_subdistrict_id = ANY (my_whole_subdistricts()));
    SELECT to_jsonb(c) - '{id,subdistrict_id,source,added_at}'::text[] INTO before FROM incident_category c
        WHERE c.subdistrict_id = p_subdistrict_id AND c.key = p_key FOR UPDATE;
    INSERT INTO incident_category AS c (subdistrict_id, key, main_category, name_zh, name_en, purpose, legal_basis,
            line_of_work, access_class, standard_code, promised_days, source)
        VALUES (p_subdistrict_id, p_key, p_texts[1], p_texts[2], p_texts[3], nullif(p_texts[4], ''),
            nullif(p_texts[5], ''), nullif(p_texts[6], ''), coalesce(p_texts[7], 'personal'),
            nullif(p_texts[8], ''), coalesce(p_texts[9]::smallint, (SELECT o.promised_days FROM incident_category o
                WHERE o.subdistrict_id = p_subdistrict_id AND o.key = p_key), 7),
            coalesce((SELECT left(s.source, 200) FROM change_set s
                WHERE s.id = present_change_set(p_subdistrict_id) AND NOT s.by_hand), 'administrator'))
        ON CONFLICT (subdistrict_id, key) DO UPDATE SET main_category = excluded.main_category,
            name_zh = excluded.name_zh, name_en = excluded.name_en, purpose = excluded.purpose,
            legal_basis = excluded.legal_basis, line_of_work = excluded.line_of_work,
            standard_code = coalesce(excluded.standard_code, c.standard_code), promised_days = excluded.promised_days
        RETURNING to_jsonb(c) - '{id,subdistrict_id,source,added_at}'::text[] INTO saved;
    IF before IS DISTINCT FROM saved THEN
        INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
            SELECT p_subdistrict_id, my_account(), 'category_saved', 'incident_category', c.id,
                jsonb_build_object('key', p_key, 'from', before, 'to', saved)
            FROM incident_category c WHERE c.subdistrict_id = p_subdistrict_id AND c.key = p_key;
    END IF;
END $$;

-- Proposes another class of a category; p_texts are class, purpose, legal basis and reason.
CREATE OR REPLACE FUNCTION propose_category_class(p_subdistrict_id bigint, p_key text, p_texts text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    change_id bigint;
BEGIN
    PERFORM require_permission(my_role() = 'admin' AND p_subdistrict_id = ANY (my_whole_subdistricts()));
    INSERT INTO category_class_change (subdistrict_id, category, access_class, purpose, legal_basis, reason,
            proposed_by)
        VALUES (p_subdistrict_id, p_key, p_texts[1], nullif(p_texts[2], ''), nullif(p_texts[3], ''), p_texts[4],
            my_account())
        RETURNING id INTO change_id;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, reason, details)
        VALUES (p_subdistrict_id, my_account(), 'category_class_proposed', 'category_class_change', change_id,
            p_texts[4], jsonb_build_object('key', p_key, 'class', p_texts[1]));
    RETURN change_id;
END $$;

-- Confirms or refuses a proposed class, which another administrator of the subdistrict has to do. Incidents that are
-- stored keep their class.
CREATE OR REPLACE FUNCTION decide_category_class(p_change_id bigint, p_confirmed boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    change category_class_change;
BEGIN
    SELECT * INTO change FROM category_class_change WHERE id = p_change_id FOR UPDATE;
    PERFORM require_permission(my_role() = 'admin' AND change.subdistrict_id = ANY (my_whole_subdistricts())
        AND change.proposed_by <> my_account());
    IF change.decided_at IS NOT NULL THEN
        RETURN;
    END IF;
    UPDATE category_class_change SET decided_by = my_account(), decided_at = clock_timestamp(),
        confirmed = p_confirmed WHERE id = p_change_id;
    IF p_confirmed THEN
        UPDATE incident_category SET access_class = change.access_class, purpose = change.purpose,
            legal_basis = change.legal_basis
            WHERE subdistrict_id = change.subdistrict_id AND key = change.category;
    END IF;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
        VALUES (change.subdistrict_id, my_account(),
            CASE WHEN p_confirmed THEN 'category_class_confirmed' ELSE 'category_class_refused' END,
            'category_class_change', p_change_id,
            jsonb_build_object('key', change.category, 'class', change.access_class));
END $$;
