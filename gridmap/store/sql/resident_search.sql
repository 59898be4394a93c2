-- Residents of today by their whole name, within the buildings of a worker or a station: 20 at most. Parts of a name
-- and initials find nobody: they would list everybody, a name after another. Each search is in the audit with the
-- residents that it found, and without the name. After 60 searches within an hour the answer is NULL.
CREATE OR REPLACE FUNCTION find_residents_by_name(p_name text, p_ip_address inet) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    present_day constant date := today();
    own_role constant text := my_role();
    subdistricts constant bigint[] := my_subdistricts();
    communities constant bigint[] := my_communities();
    found bigint[];
BEGIN
    PERFORM require_permission(own_role IN ('worker', 'station') AND length(btrim(p_name)) >= 2);
    IF (SELECT count(*) FROM audit a WHERE a.account_id = own_id AND a.action = 'search'
            AND a.details ->> 'by' = 'name' AND a.at > clock_timestamp() - interval '1 hour') >= 60 THEN
        RETURN NULL;
    END IF;
    found := ARRAY(WITH named AS MATERIALIZED ( -- few, and found by an index; the buildings are many
            SELECT r.id, r.household_id FROM resident r
            WHERE r.subdistrict_id = ANY (subdistricts) AND r.name = btrim(p_name) AND r.valid @> present_day
        ), homes AS MATERIALIZED ( -- those of the named only, never all homes of the buildings
            SELECT n.id, h.building_id FROM named n JOIN household h ON h.id = n.household_id
            WHERE h.valid @> present_day)
        SELECT m.id FROM homes m
        WHERE CASE own_role WHEN 'station' THEN EXISTS (SELECT FROM building b
                WHERE b.id = m.building_id AND b.community_id = ANY (communities))
            ELSE m.building_id IN (SELECT my_buildings()) END
        ORDER BY m.id LIMIT 20);
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, resident_ids, details, ip_address)
        SELECT own.subdistrict_id, own.community_id, own_id, 'search', 'resident', found,
            jsonb_build_object('by', 'name', 'found', cardinality(found)), p_ip_address
        FROM scopes_of(own_id, today()) own ORDER BY own.subdistrict_id, own.community_id LIMIT 1;
    RETURN found;
END $$;
