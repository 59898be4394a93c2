-- Residents of today by their whole name, within the buildings of a worker or a station: 20 at most. Parts of a name
-- and initials find nobody: they would list everybody, a name after another. Each search is in the audit with the
-- residents that it found, and without the name. After 60 searches within an hour the answer is NULL.
CREATE OR REPLACE FUNCTION find_residents_by_name(p_name text, p_ip_address inet) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    present_day constant date := today();
    subdistricts constant bigint[] := my_subdistricts();
    found bigint[];
BEGIN
    PERFORM require_permission(my_role() IN ('worker', 'station') AND length(btrim(p_name)) >= 2);
    IF (SELECT count(*) FROM audit a WHERE a.account_id = own_id AND a.action = 'search'
            AND a.details ->> 'by' = 'name' AND a.at > clock_timestamp() - interval '1 hour') >= 60 THEN
        RETURN NULL;
    END IF;
    found := ARRAY(WITH named AS MATERIALIZED ( -- few, and found by an index; the buildings are many
            SELECT r.id, r.household_id FROM resident r
            WHERE r.subdistrict_id = ANY (subdistricts) AND r.name = btrim(p_name) AND r.valid @> present_day)
        SELECT n.id FROM named n JOIN household h ON h.id = n.household_id AND h.valid @> present_day
        WHERE h.building_id = ANY (ARRAY(SELECT my_buildings())) ORDER BY n.id LIMIT 20);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, resident_ids, details, ip_address)
        SELECT own.subdistrict_id, own.community_id, own_id, 'search', 'resident', found,
            jsonb_build_object('by', 'name', 'found', cardinality(found)), p_ip_address
        FROM scopes_of(own_id, today()) own ORDER BY own.subdistrict_id, own.community_id LIMIT 1;
    RETURN found;
END $$;
