-- Vector tiles, as the account may see them. These functions run with the right to read everything, so that indexes
-- find the rows of a tile before anything else is evaluated; they restrict the rows to those of the account themselves.
-- Planning takes as long as drawing a small tile, and every tile needs the same plan: the plan is made once.

-- Buildings on a date; from zoom level 15 on with the code of their grid in force, which is not needed below: there the
-- layer of grids shows as much. From level 14 on, the curvature of the projection within a tile is below a tenth of one
-- of its 4096 units, so degrees are scaled linearly and nothing is projected. A building that lies within the tile and
-- has no courtyard is scaled and rounded without clipping and without making it valid, which takes most of the time:
-- rounding moves an outline by a sixteenth of a pixel at most. p_max_features keeps the largest buildings.
CREATE OR REPLACE FUNCTION building_tile(
    z integer, x integer, y integer, p_date date, p_max_features integer DEFAULT NULL
) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    tile constant geometry := ST_Transform(ST_TileEnvelope(z, x, y), 4326);
    width constant double precision := ST_XMax(tile) - ST_XMin(tile);
    height constant double precision := ST_YMax(tile) - ST_YMin(tile);
    west constant double precision := ST_XMin(tile);
    north constant double precision := ST_YMax(tile);
    tile_with_margin constant geometry := ST_Expand(tile, width / 64);
BEGIN
    RETURN (WITH own AS MATERIALIZED (
        SELECT c AS id, in_force.revision_id, in_force.land_id
        FROM unnest(my_communities()) c LEFT JOIN (
            SELECT p.community_id, v.id AS revision_id, v.land_id
            FROM adoption p JOIN revision v ON v.id = p.revision_id
            WHERE z >= 15 AND p.valid @> p_date OFFSET 0) in_force ON in_force.community_id = c
    ), selected AS (
        SELECT b.id, b.name, b.levels, b.schematic, b.geometry, own.revision_id, own.land_id
        FROM (SELECT * FROM building WHERE geometry && tile_with_margin OFFSET 0) b
            JOIN own ON own.id = b.community_id
        WHERE b.valid @> p_date
        ORDER BY CASE WHEN p_max_features IS NOT NULL THEN -ST_Area(b.geometry) END LIMIT p_max_features
    ), features AS (
        SELECT b.id, b.name, round(b.levels)::integer AS levels, nullif(b.schematic, false) AS schematic,
            CASE WHEN b.land_id IS NOT NULL THEN (
                SELECT g.code FROM building_cell c
                    JOIN assignment a ON a.cell_id = c.cell_id JOIN grid g ON g.id = a.grid_id
                WHERE c.land_id = b.land_id AND c.building_id = b.id AND a.revision_id = b.revision_id) END AS grid,
            CASE WHEN b.geometry @ tile_with_margin AND ST_NRings(b.geometry) < 2
                THEN ST_SnapToGrid(ST_ForcePolygonCCW(
                    ST_TransScale(b.geometry, -west, -north, 4096 / width, -4096 / height)), 1)
                ELSE ST_AsMVTGeom(b.geometry, tile, 4096, 64) END AS shape
        FROM selected b
    ) SELECT ST_AsMVT(features, 'buildings', 4096, 'shape', 'id') FROM features);
END $$;

-- Grids in force on a date; for a worker the own grids.
CREATE OR REPLACE FUNCTION grid_tile(
    z integer, x integer, y integer, p_date date, p_max_features integer DEFAULT NULL
) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    tile constant geometry := ST_TileEnvelope(z, x, y);
    tile_with_margin constant geometry := ST_Transform(ST_TileEnvelope(z, x, y, margin => 1.0 / 64), 4326);
    communities constant bigint[] := my_communities();
    own_grids constant bigint[] := CASE WHEN my_role() = 'worker' THEN my_grids() END;
BEGIN
    RETURN (SELECT ST_AsMVT(features, 'grids', 4096, 'shape', 'id') FROM (
        SELECT g.id, g.code, r.name, r.kind, ST_AsMVTGeom(ST_Transform(r.geometry, 3857), tile, 4096, 64) AS shape
        FROM revision_grid r JOIN grid g ON g.id = r.grid_id
            JOIN adoption p ON p.revision_id = r.revision_id AND p.valid @> p_date
        WHERE r.geometry && tile_with_margin AND g.community_id = ANY (communities)
            AND (own_grids IS NULL OR g.id = ANY (own_grids))
        ORDER BY CASE WHEN p_max_features IS NOT NULL THEN -r.area_m2 END LIMIT p_max_features) features);
END $$;
