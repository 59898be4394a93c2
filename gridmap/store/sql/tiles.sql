-- Vector tiles, for the account that asks and nobody else. They run with the right to read everything, so that indexes
-- find what lies in a tile before anything else is looked at, and say themselves what the account may see. To plan them
-- takes as long as to draw a small tile, and every tile wants the same plan: it is made once.

-- Anything drawn of a subdistrict has changed. Random, not counted: after a restore a count would come round again.
CREATE OR REPLACE FUNCTION note_drawn_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO data_version (subdistrict_id)
        SELECT DISTINCT c.subdistrict_id FROM changed c JOIN subdistrict s ON s.id = c.subdistrict_id ORDER BY 1
        ON CONFLICT (subdistrict_id) DO UPDATE SET version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Revisions and their grids never change once saved; what is drawn of them changes when they are adopted.
DO $$
DECLARE drawn text; happened text[];
BEGIN
    FOREACH drawn IN ARRAY '{building,building_cell,adoption,grid}'::text[] LOOP
        FOREACH happened SLICE 1 IN ARRAY '{{INSERT,NEW},{UPDATE,NEW},{DELETE,OLD}}'::text[] LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER drawn_%s AFTER %s ON %I REFERENCING %s TABLE AS changed'
                ' FOR EACH STATEMENT EXECUTE FUNCTION note_drawn_change()',
                lower(happened[1]), happened[1], drawn, happened[2]);
        END LOOP;
    END LOOP;
END $$;

-- A word that is another one as soon as any tile may look different to the account, or the account may see others.
CREATE OR REPLACE FUNCTION tile_state(day date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN encode(sha256(convert_to(concat_ws('|', my_role(),
        (SELECT array_agg(DISTINCT (s.subdistrict_id, s.community_id)::text) FROM account_scope s
            WHERE s.account_id = my_account() AND s.valid @> today()),
        (SELECT array_agg(own ORDER BY own) FROM unnest(my_grids()) own),
        (SELECT array_agg(v.version ORDER BY v.subdistrict_id) FROM data_version v
            WHERE v.subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])),
        day), 'UTF8')), 'hex');
END $$;

-- Buildings that stand on a day; from level 15 on with the code of the grid in force, which before is no more than what
-- the grids themselves show. From level 14 on the curvature of the projection within a tile stays below a tenth of a
-- unit of its 4096, so degrees are laid out evenly and nothing has to be projected. What lies within the tile and has no
-- court is laid out and rounded without being clipped and made valid, which takes most of the time: rounding bends an
-- outline by a sixteenth of a pixel at most. `most` leaves the largest of them.
CREATE OR REPLACE FUNCTION building_tile(z integer, x integer, y integer, day date, most integer DEFAULT NULL)
RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    place constant geometry := ST_Transform(ST_TileEnvelope(z, x, y), 4326);
    wide constant double precision := ST_XMax(place) - ST_XMin(place);
    high constant double precision := ST_YMax(place) - ST_YMin(place);
    west constant double precision := ST_XMin(place);
    north constant double precision := ST_YMax(place);
    near constant geometry := ST_Expand(place, wide / 64);
BEGIN
    RETURN (WITH own AS MATERIALIZED (
        SELECT c AS id, held.revision_id, held.land_id
        FROM unnest(my_communities()) c LEFT JOIN (
            SELECT p.community_id, v.id AS revision_id, v.land_id FROM adoption p JOIN revision v ON v.id = p.revision_id
            WHERE z >= 15 AND p.valid @> day OFFSET 0) held ON held.community_id = c
    ), standing AS (
        SELECT b.id, b.name, b.levels, b.geometry, own.revision_id, own.land_id
        FROM (SELECT * FROM building WHERE geometry && near OFFSET 0) b JOIN own ON own.id = b.community_id
        WHERE b.valid @> day
        ORDER BY CASE WHEN most IS NOT NULL THEN -ST_Area(b.geometry) END LIMIT most
    ), drawn AS (
        SELECT b.id, b.name, round(b.levels)::integer AS levels,
            CASE WHEN b.land_id IS NOT NULL THEN (
                SELECT g.code FROM building_cell c JOIN assignment a ON a.cell_id = c.cell_id JOIN grid g ON g.id = a.grid_id
                WHERE c.land_id = b.land_id AND c.building_id = b.id AND a.revision_id = b.revision_id) END AS grid,
            CASE WHEN b.geometry @ near AND ST_NRings(b.geometry) < 2 THEN ST_SnapToGrid(ST_ForcePolygonCCW(
                    ST_TransScale(b.geometry, -west, -north, 4096 / wide, -4096 / high)), 1)
                ELSE ST_AsMVTGeom(b.geometry, place, 4096, 64) END AS shape
        FROM standing b
    ) SELECT ST_AsMVT(drawn, 'buildings', 4096, 'shape', 'id') FROM drawn);
END $$;

-- Grids in force on a day; of a worker the own ones.
CREATE OR REPLACE FUNCTION grid_tile(z integer, x integer, y integer, day date, most integer DEFAULT NULL)
RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    place constant geometry := ST_TileEnvelope(z, x, y);
    near constant geometry := ST_Transform(ST_TileEnvelope(z, x, y, margin => 1.0 / 64), 4326);
    mine constant bigint[] := my_communities();
    own constant bigint[] := CASE WHEN my_role() = 'worker' THEN my_grids() END;
BEGIN
    RETURN (SELECT ST_AsMVT(t, 'grids', 4096, 'shape', 'id') FROM (
        SELECT g.id, g.code, r.name, r.kind, ST_AsMVTGeom(ST_Transform(r.geometry, 3857), place, 4096, 64) AS shape
        FROM revision_grid r JOIN grid g ON g.id = r.grid_id
            JOIN adoption p ON p.revision_id = r.revision_id AND p.valid @> day
        WHERE r.geometry && near AND g.community_id = ANY (mine) AND (own IS NULL OR g.id = ANY (own))
        ORDER BY CASE WHEN most IS NOT NULL THEN -r.area_m2 END LIMIT most) t);
END $$;
