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

-- Puts buildings into an area, a new one where none is given. What exists is kept: areas only grow.
CREATE OR REPLACE FUNCTION fill_statistical_area(
    p_community_id bigint, p_area_id bigint, p_building_ids bigint[], p_households integer[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    place constant bigint := (SELECT c.subdistrict_id FROM community c WHERE c.id = p_community_id);
    area_id bigint := p_area_id;
BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('statistical_areas'));
    IF area_id IS NULL THEN
        INSERT INTO statistical_area (community_id, subdistrict_id) VALUES (p_community_id, place)
            RETURNING id INTO area_id;
    END IF;
    INSERT INTO statistical_area_building (building_id, subdistrict_id, statistical_area_id, households)
        SELECT b.building_id, place, area_id, b.households
        FROM unnest(p_building_ids, p_households) AS b (building_id, households);
END $$;
