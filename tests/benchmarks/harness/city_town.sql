-- The city of city_town.py, which fills in the values in braces. A semicolon at the end of a line ends a statement.
CREATE TEMP TABLE lattice ON COMMIT DROP AS
SELECT {first_id} + row_number() OVER () AS key, {first_id} + s AS home, {first_id} + c AS community,
    {first_id} + c * 4 + g AS grid, e, n,
    {step_east} * (0.5 + 0.3 * random()) AS w, {step_north} * (0.5 + 0.3 * random()) AS h
FROM (SELECT {buildings_per_side} AS side, {buildings_per_community_side} AS inner_side) AS size,
    generate_series(0, side - 1) j, generate_series(0, side - 1) i, LATERAL (
    SELECT (j / (side / 4)) * 4 + i / (side / 4) AS s, (j / inner_side) * (side / inner_side) + i / inner_side AS c,
        (j % inner_side) / (inner_side / 2) * 2 + (i % inner_side) / (inner_side / 2) AS g,
        {east} + i * {step_east} AS e, {north} + j * {step_north} AS n) at;

CREATE TEMP TABLE block ON COMMIT DROP AS
SELECT home, community, grid, count(*) AS buildings, ST_SetSRID(ST_Multi(ST_MakeEnvelope(
    min(e), min(n), max(e) + {step_east}, max(n) + {step_north})), 4326) AS geometry
FROM lattice GROUP BY GROUPING SETS ((home), (home, community), (home, community, grid));

INSERT INTO subdistrict (id, code, name, source, geometry)
SELECT home, 'c' || home, 'City ' || home, 'made', geometry FROM block WHERE community IS NULL;

INSERT INTO community (id, subdistrict_id, code, name, geometry)
SELECT community, home, 'm' || community, 'Community ' || community, geometry
FROM block WHERE grid IS NULL AND community IS NOT NULL;

INSERT INTO land (id, subdistrict_id, community_id, crs)
SELECT id, subdistrict_id, id, 'EPSG:32648' FROM community WHERE id >= {first_id};

INSERT INTO plan (id, subdistrict_id, community_id, name)
SELECT id, subdistrict_id, id, 'first' FROM community WHERE id >= {first_id};

INSERT INTO revision (id, subdistrict_id, plan_id, community_id, land_id, number, minimum, maximum)
SELECT id, subdistrict_id, id, id, id, 1, 300, 500 FROM community WHERE id >= {first_id};

INSERT INTO grid (id, subdistrict_id, community_id, code)
SELECT grid, home, community, 'm' || community || lpad((grid % 4 + 1)::text, 3, '0') FROM block WHERE grid IS NOT NULL;

INSERT INTO revision_grid
    (revision_id, grid_id, subdistrict_id, name, kind, status, households, buildings, area_m2, geometry)
SELECT community, grid, home, '网格' || grid, 'household', 'in_range', 400, buildings, 81000, geometry
FROM block WHERE grid IS NOT NULL;

INSERT INTO building (id, subdistrict_id, community_id, code, name, levels, geometry)
SELECT key, home, community, 'b' || key, (key % 97) || '号楼', 1 + key % 30,
    ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[
    ST_MakePoint(e, n), ST_MakePoint(e + w, n), ST_MakePoint(e + w, n + h / 2), ST_MakePoint(e + w / 2, n + h / 2),
    ST_MakePoint(e + w / 2, n + h), ST_MakePoint(e, n + h), ST_MakePoint(e, n)])), 4326)
FROM lattice;

INSERT INTO cell (id, subdistrict_id, land_id, community_id, number, geometry)
SELECT key, home, community, community, key, ST_MakeEnvelope(e, n, e + {step_east}, n + {step_north}, 4326)
FROM lattice;

INSERT INTO building_cell (land_id, building_id, cell_id, subdistrict_id)
SELECT community, key, key, home FROM lattice;

INSERT INTO assignment (revision_id, cell_id, grid_id, subdistrict_id)
SELECT community, key, grid, home FROM lattice;

INSERT INTO adoption (subdistrict_id, community_id, revision_id)
SELECT subdistrict_id, id, id FROM community WHERE id >= {first_id};
