-- People and ordinary incidents of one subdistrict of the city of city_town.py; city_incidents.py fills in the values
-- in braces. A semicolon at the end of a line ends a statement.
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT id AS cell_id, ST_XMin(geometry) AS e, ST_YMin(geometry) AS n,
    (id - {first_id} - 1) / {buildings_per_side} AS j, (id - {first_id} - 1) % {buildings_per_side} AS i
FROM cell WHERE subdistrict_id = {subdistrict_id};

INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)
SELECT subdistrict_id, id, 'resident', 2 + id % 3, 2 + id % 3, 2 + id % 3, 'made', '2020-01-01' FROM building
WHERE subdistrict_id = {subdistrict_id};

INSERT INTO household (subdistrict_id, building_id, kind, source, valid)
SELECT c.subdistrict_id, c.building_id, 'resident', 'made', daterange('2020-01-01', NULL)
FROM household_count c, generate_series(1, c.households) WHERE c.subdistrict_id = {subdistrict_id};

INSERT INTO resident (subdistrict_id, household_id, name, birth_year, source, valid)
SELECT h.subdistrict_id, h.id, 'made', 1940 + h.id % 80, 'made', daterange('2020-01-01', NULL)
FROM household h, generate_series(1, 2 + (h.id % 3 <> 0)::int) WHERE h.subdistrict_id = {subdistrict_id};

INSERT INTO incident_category (subdistrict_id, key, main_category, name_zh, name_en, access_class, source)
SELECT {subdistrict_id}, 'kind-' || n, 'facilities', '种类' || n, 'Kind ' || n, 'ordinary', 'made'
FROM generate_series(1, {categories}) n;

CREATE TEMP TABLE drawn ON COMMIT DROP AS
WITH weighted AS (
    SELECT *, exp(1.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS weight FROM place),
repeated AS (
    SELECT *, sum(weight) OVER (ORDER BY cell_id) / sum(weight) OVER () AS upper, weight / sum(weight) OVER () AS share
    FROM weighted)
SELECT cell_id, i, j, e + {step_east} * u AS x, n + {step_north} * v AS y,
    20.4 * u AS from_west, 20.4 * v AS from_south,
    date_trunc('day', now()) - floor({days} * random()) * interval '1 day' + random() * interval '23 hours' AS at,
    'kind-' || 1 + floor({categories} * random() * random())::int AS category, random() AS luck
FROM (SELECT *, random() AS u, random() AS v FROM repeated,
    generate_series(1, round({incidents} * upper)::int - round({incidents} * (upper - share))::int)) positions;

INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, status, closed_at, cell_id,
    near_cell_ids, geometry)
SELECT {subdistrict_id}, 'bench-' || row_number() OVER (ORDER BY at), category, 'file', at, at,
    CASE WHEN closed_at < now() THEN 'closed' ELSE 'open' END, CASE WHEN closed_at < now() THEN closed_at END, cell_id,
    ARRAY(SELECT {first_id} + 1 + (j + down) * {buildings_per_side} + i + right_by
        FROM generate_series(-1, 1) down, generate_series(-1, 1) right_by
        WHERE (down <> 0 OR right_by <> 0)
            AND i + right_by BETWEEN 0 AND {inner_side} - 1 AND j + down BETWEEN 0 AND {inner_side} - 1
            AND sqrt(power(CASE right_by WHEN -1 THEN from_west WHEN 1 THEN 20.4 - from_west ELSE 0 END, 2)
                + power(CASE down WHEN -1 THEN from_south WHEN 1 THEN 20.4 - from_south ELSE 0 END, 2)) < 5
        ORDER BY down, right_by),
    ST_SetSRID(ST_MakePoint(x, y), 4326)
FROM (SELECT *, CASE WHEN luck < 0.95 THEN at - ln(1 - luck) * interval '4 days' END AS closed_at FROM drawn) ended
ORDER BY at;
