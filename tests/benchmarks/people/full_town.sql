-- Homes and people of one subdistrict of the city; {subdistrict_id} is filled in. A semicolon at the end of a line ends
-- a statement.
UPDATE building SET name = (ARRAY['锦绣花园','银杏苑','望江小区','南湖雅居','东风新村','桂花里','和平家园','长江花苑'])[1 + id % 8]
    || (id / 8 % 2500) || '栋', address = '解放路' || id % 5000 || '号'
WHERE subdistrict_id = {subdistrict_id};

INSERT INTO shop (subdistrict_id, name, cell_id, geometry, valid)
SELECT subdistrict_id, (ARRAY['惠民','永辉','好又来','老街','春风'])[1 + id % 5] || '便利店' || id % 700, id,
    ST_PointOnSurface(geometry), '[2020-01-01,)'
FROM cell WHERE subdistrict_id = {subdistrict_id} AND id % 5 = 0;

INSERT INTO dwelling (subdistrict_id, building_id, number, floor)
SELECT b.subdistrict_id, b.id, f || lpad(d::text, 2, '0'), f
FROM building b, generate_series(1, CASE WHEN b.id = (SELECT min(id) FROM building WHERE subdistrict_id =
    {subdistrict_id}) THEN 30 ELSE 2 END) f, generate_series(1, CASE WHEN b.id = (SELECT min(id) FROM building WHERE
    subdistrict_id = {subdistrict_id}) THEN 8 ELSE 3 END) d
WHERE b.subdistrict_id = {subdistrict_id};

INSERT INTO household (subdistrict_id, building_id, dwelling_id, kind, source, valid)
SELECT subdistrict_id, building_id, id, 'resident', 'made', '[2020-01-01,)' FROM dwelling;

INSERT INTO resident (subdistrict_id, household_id, name, birth_year, source, valid)
SELECT subdistrict_id, id, (ARRAY['王','李','张','刘','陈','杨','黄','赵','吴','周'])[1 + id % 10]
    || (ARRAY['伟','芳','娜','敏','静','丽','强','磊','军','洋'])[1 + id / 10 % 10]
    || (ARRAY['国','建','文','志','秀','玉','春','海','明','华'])[1 + id / 100 % 10], 1940 + (id + n) % 80, 'made',
    '[2020-01-01,)'
FROM household, generate_series(1, 3) n;
