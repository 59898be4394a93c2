-- Statistical areas: what is needed to give buildings one, for the owner of the database and the periodic task.

CREATE OR REPLACE FUNCTION communities_without_areas() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('statistical_areas'));
    RETURN QUERY SELECT DISTINCT b.community_id FROM building b
        WHERE NOT EXISTS (SELECT FROM statistical_area_building a WHERE a.building_id = b.id) ORDER BY 1;
END $$;

-- Buildings of a community with what groups them: courtyard, area (-1 for none), households and the middle in degrees.
CREATE OR REPLACE FUNCTION buildings_for_areas(p_community_id bigint)
RETURNS TABLE (id bigint, subdistrict_id bigint, courtyard bigint, area bigint, households integer,
               longitude double precision, latitude double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('statistical_areas'));
    RETURN QUERY SELECT b.id, b.subdistrict_id, coalesce(b.courtyard_id, -1), coalesce(a.statistical_area_id, -1),
            coalesce(a.households, h.households, 0)::integer, ST_X(p.middle), ST_Y(p.middle)
        FROM building b
            CROSS JOIN LATERAL (SELECT ST_Centroid(b.geometry) AS middle) p
            LEFT JOIN statistical_area_building a ON a.building_id = b.id
            LEFT JOIN LATERAL (SELECT c.households FROM household_count c WHERE c.building_id = b.id
                ORDER BY c.kind = 'resident' DESC, c.as_of DESC, c.kind LIMIT 1) h ON true
        WHERE b.community_id = p_community_id ORDER BY b.id;
END $$;

-- Puts buildings of a community into areas: into one that exists by its key, or into a new one; buildings with the same
-- negative number, from -1 down, get the same new area. What exists is kept: areas only grow.
CREATE OR REPLACE FUNCTION fill_statistical_areas(
    p_community_id bigint, p_building_ids bigint[], p_households integer[], p_area_ids bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    place constant bigint := (SELECT c.subdistrict_id FROM community c WHERE c.id = p_community_id);
    new_ids bigint[];
BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('statistical_areas'));
    WITH added AS (
        INSERT INTO statistical_area (community_id, subdistrict_id) SELECT p_community_id, place
            FROM generate_series(1, -(SELECT least(min(a), 0) FROM unnest(p_area_ids) AS a)) RETURNING id
    )
    SELECT array_agg(id ORDER BY id) INTO new_ids FROM added;
    INSERT INTO statistical_area_building (building_id, subdistrict_id, statistical_area_id, households)
        SELECT b.building_id, place, CASE WHEN b.area_id < 0 THEN new_ids[-b.area_id] ELSE b.area_id END, b.households
        FROM unnest(p_building_ids, p_households, p_area_ids) AS b (building_id, households, area_id);
END $$;
