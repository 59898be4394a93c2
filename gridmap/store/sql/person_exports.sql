-- Exports of persons: a worker or a station asks, an administrator of the place decides, the file is downloaded once.
-- Every step is in the audit, the download with the residents that it showed.

-- Asks for an export of a community; p_texts are purpose and legal basis. At most five wait for each account.
CREATE OR REPLACE FUNCTION request_person_export(
    p_community_id bigint, p_texts text[], p_fields text[], p_ip_address inet
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    place community;
    export_id bigint;
BEGIN
    SELECT * INTO place FROM community WHERE id = p_community_id;
    PERFORM require_permission(my_role() IN ('worker', 'station') AND p_community_id = ANY (my_communities())
        AND (SELECT count(*) < 5 FROM person_export WHERE requested_by = my_account() AND decided_at IS NULL));
    INSERT INTO person_export (subdistrict_id, community_id, requested_by, purpose, legal_basis, fields)
        VALUES (place.subdistrict_id, place.id, my_account(), p_texts[1], p_texts[2], p_fields)
        RETURNING id INTO export_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details,
            ip_address)
        VALUES (place.subdistrict_id, place.id, my_account(), 'person_export_requested', 'person_export', export_id,
            p_texts[1], jsonb_build_object('fields', p_fields, 'legal_basis', p_texts[2]), p_ip_address);
    RETURN export_id;
END $$;

-- Approves an export for 72 hours, or refuses it. One that is decided stays as it is.
CREATE OR REPLACE FUNCTION decide_person_export(
    p_person_export_id bigint, p_approved boolean, p_reason text, p_ip_address inet
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    export person_export;
BEGIN
    SELECT * INTO export FROM person_export WHERE id = p_person_export_id FOR UPDATE;
    PERFORM require_permission(my_role() = 'admin' AND is_in_my_scope(export.subdistrict_id, export.community_id)
        AND export.requested_by <> my_account());
    IF export.decided_at IS NOT NULL THEN
        RETURN;
    END IF;
    UPDATE person_export SET decided_by = my_account(), decided_at = clock_timestamp(), approved = p_approved,
        decision_reason = nullif(p_reason, ''),
        expires_at = CASE WHEN p_approved THEN clock_timestamp() + interval '72 hours' END
        WHERE id = p_person_export_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, ip_address)
        VALUES (export.subdistrict_id, export.community_id, my_account(),
            CASE WHEN p_approved THEN 'person_export_approved' ELSE 'person_export_refused' END,
            'person_export', p_person_export_id, nullif(p_reason, ''), p_ip_address);
END $$;

-- Marks an own approved export as downloaded and records its residents; false where it was downloaded, is over or was
-- not approved. Residents that the account does not see now are not counted, and the caller compares the number.
CREATE OR REPLACE FUNCTION take_person_export(
    p_person_export_id bigint, p_resident_ids bigint[], p_ip_address inet
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    export person_export;
    shown_ids bigint[];
BEGIN
    PERFORM require_permission(my_role() IN ('worker', 'station'));
    shown_ids := ARRAY(
        SELECT r.id FROM resident r JOIN household h ON h.id = r.household_id JOIN building b ON b.id = h.building_id
        WHERE r.id = ANY (p_resident_ids) AND r.subdistrict_id = ANY (my_subdistricts()) AND r.valid @> today()
            AND h.valid @> today() AND b.id IN (SELECT my_buildings()));
    UPDATE person_export SET downloaded_at = clock_timestamp(), residents = cardinality(shown_ids)
        WHERE id = p_person_export_id AND requested_by = my_account() AND approved AND downloaded_at IS NULL
            AND expires_at > clock_timestamp() AND cardinality(shown_ids) = cardinality(p_resident_ids)
            AND community_id = ANY (my_communities())
        RETURNING * INTO export;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, resident_ids, reason,
            details, ip_address)
        VALUES (export.subdistrict_id, export.community_id, my_account(), 'export', 'person_export', export.id,
            shown_ids, export.purpose, jsonb_build_object('page', 'persons', 'rows', cardinality(shown_ids)),
            p_ip_address);
    RETURN true;
END $$;
