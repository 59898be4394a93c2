-- Buildings that are added after their land was built: their cells and their statistical area. No land is built here.

-- Days on which plans on each land of some communities may be in force: up to the next land of the community.
CREATE OR REPLACE FUNCTION land_periods(p_community_ids bigint[])
RETURNS TABLE (land_id bigint, community_id bigint, valid daterange)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT l.id, l.community_id, daterange(l.holds_from, lead(l.holds_from) OVER
        (PARTITION BY l.community_id ORDER BY l.holds_from NULLS FIRST, l.id))
    FROM land l WHERE l.community_id = ANY (p_community_ids)
$$;

-- Waits while land of a subdistrict is built anew, and keeps it from being built until the transaction ends: whoever
-- links a place to a cell looks for the newest land afterwards. See store/locks.py.
CREATE OR REPLACE FUNCTION share_land(p_subdistrict_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('land'), (p_subdistrict_id % 2147483647)::integer);
END $$;

-- The cell of a place in the newest land: the given one, or if that is of a land before, the one that covers the place
-- now. NULL where there is none.
CREATE OR REPLACE FUNCTION newest_cell(p_subdistrict_id bigint, p_point geometry, p_cell_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
AS $$
DECLARE
    newest constant bigint[] := ARRAY(SELECT max(l.id) FROM land l WHERE l.subdistrict_id = p_subdistrict_id
        GROUP BY l.community_id);
BEGIN
    IF p_cell_id IS NULL OR EXISTS (SELECT FROM cell c WHERE c.id = p_cell_id AND c.land_id = ANY (newest)) THEN
        RETURN p_cell_id;
    END IF;
    RETURN (SELECT c.id FROM cell c WHERE c.land_id = ANY (newest)
            AND c.geometry && ST_Expand(p_point, @max_outside_m@ / 110000.0 / cos(radians(ST_Y(p_point))))
            AND ST_DWithin(c.geometry::geography, p_point::geography, @max_outside_m@)
        ORDER BY ST_Distance(c.geometry::geography, p_point::geography), c.id LIMIT 1);
END $$;

-- Links new buildings: in each land of their days to the cell that holds most of them, or the nearest one up to 5 m
-- away (gridmap.core.land.community_of_building); of equal ones to that with the smallest number. And to a statistical
-- area: a building with enough households is one, another one joins that of the nearest building, of its courtyard
-- first. Buildings that have links keep them.
CREATE OR REPLACE FUNCTION link_buildings(p_building_ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own constant bigint[] := my_communities();
    each record;
    area_id bigint;
BEGIN
    PERFORM require_permission(is_owner() OR my_role() IN ('planner', 'station') AND NOT EXISTS (
        SELECT FROM building b WHERE b.id = ANY (p_building_ids) AND b.community_id <> ALL (own)));
    PERFORM share_land(s.subdistrict_id) FROM (SELECT DISTINCT b.subdistrict_id FROM building b
        WHERE b.id = ANY (p_building_ids) ORDER BY 1) s;
    INSERT INTO building_cell (land_id, building_id, cell_id, subdistrict_id)
        SELECT DISTINCT ON (l.land_id, b.id) l.land_id, b.id, c.id, b.subdistrict_id
        FROM building b
            JOIN land_periods(ARRAY(SELECT DISTINCT n.community_id FROM building n WHERE n.id = ANY (p_building_ids))) l
                ON l.community_id = b.community_id AND l.valid && b.valid
            JOIN cell c ON c.land_id = l.land_id
                AND c.geometry && ST_Expand(b.geometry,
                    @max_building_outside_m@ / 110000.0 / cos(radians(ST_YMax(b.geometry))))
                AND ST_DWithin(c.geometry::geography, b.geometry::geography, @max_building_outside_m@)
        WHERE b.id = ANY (p_building_ids) AND NOT EXISTS (
            SELECT FROM building_cell x WHERE x.land_id = l.land_id AND x.building_id = b.id)
        ORDER BY l.land_id, b.id, ST_Distance(c.geometry::geography, b.geometry::geography),
            ST_Area(ST_Intersection(c.geometry, b.geometry)) DESC, c.number;
    FOR each IN
        SELECT b.id, b.subdistrict_id, b.community_id, b.courtyard_id, b.geometry, coalesce((
            SELECT h.households FROM household_count h WHERE h.building_id = b.id
            ORDER BY h.kind = 'resident' DESC, h.as_of DESC, h.kind LIMIT 1), 0) AS households
        FROM building b WHERE b.id = ANY (p_building_ids) AND NOT EXISTS (
            SELECT FROM statistical_area_building a WHERE a.building_id = b.id)
        ORDER BY households DESC, b.id
    LOOP
        area_id := CASE WHEN each.households < @min_area_households@ THEN (
            SELECT a.statistical_area_id FROM building o JOIN statistical_area_building a ON a.building_id = o.id
            WHERE o.community_id = each.community_id
            ORDER BY o.courtyard_id IS NOT DISTINCT FROM each.courtyard_id AND o.courtyard_id IS NOT NULL DESC,
                o.geometry <-> each.geometry, o.id LIMIT 1) END;
        IF area_id IS NULL THEN
            INSERT INTO statistical_area (community_id, subdistrict_id)
                VALUES (each.community_id, each.subdistrict_id) RETURNING id INTO area_id;
        END IF;
        INSERT INTO statistical_area_building (building_id, subdistrict_id, statistical_area_id, households)
            VALUES (each.id, each.subdistrict_id, area_id, each.households);
    END LOOP;
END $$;
