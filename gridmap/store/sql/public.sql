-- Public data, for anybody without an account: the workers in charge of each grid today, with name, work, office phone
-- and extent, and the phone for complaints. These functions disclose nothing else: no plan of another date, no
-- assistant, no private detail.

CREATE OR REPLACE FUNCTION public_subdistricts() RETURNS TABLE (code text, name text, supervision_phone text,
    west float, south float, east float, north float)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.code, s.name, s.supervision_phone,
        ST_XMin(s.geometry), ST_YMin(s.geometry), ST_XMax(s.geometry), ST_YMax(s.geometry)
    FROM subdistrict s ORDER BY s.name, s.id
$$;

-- Communities with their grids in force today; a community without a plan in force has one row without a grid.
CREATE OR REPLACE FUNCTION public_grids(p_subdistrict_code text)
RETURNS TABLE (community text, community_name text, station_phone text, code text, name text, kind text,
    staffed boolean, shape text, extent jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT c.code, c.name, c.station_phone, g.code, r.name, r.kind,
        EXISTS (SELECT FROM duty d JOIN worker w ON w.id = d.worker_id
            WHERE d.grid_id = g.id AND d.in_charge AND d.valid @> today() AND w.valid @> today()),
        coalesce(r.outline, ST_AsGeoJSON(ST_ForcePolygonCCW(r.geometry), 6)), r.extent
    FROM community c JOIN subdistrict s ON s.id = c.subdistrict_id AND s.code = p_subdistrict_code
        LEFT JOIN adoption a ON a.community_id = c.id AND a.valid @> today()
        LEFT JOIN revision_grid r ON r.revision_id = a.revision_id
        LEFT JOIN grid g ON g.id = r.grid_id
    ORDER BY c.code, g.code
$$;

-- Workers in charge of a grid today, or their substitutes, with the lines of work they have in the community. That
-- somebody is on leave is not told.
CREATE OR REPLACE FUNCTION public_workers(p_subdistrict_code text, p_grid_code text)
RETURNS TABLE (name text, office_phone text, work text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT w.name, w.office_phone, ARRAY(
        SELECT f.line_of_work::text FROM duty f
        WHERE f.worker_id = w.id AND f.kind = 'field' AND f.line_of_work IS NOT NULL AND f.valid @> today()
        ORDER BY f.line_of_work)
    FROM subdistrict s JOIN grid g ON g.subdistrict_id = s.id AND g.code = p_grid_code
        JOIN adoption a ON a.community_id = g.community_id AND a.valid @> today()
        JOIN revision_grid r ON r.revision_id = a.revision_id AND r.grid_id = g.id
        JOIN duty d ON d.grid_id = g.id AND d.in_charge AND d.valid @> today()
        JOIN worker p ON p.id = d.worker_id AND p.valid @> today()
        LEFT JOIN leave l ON l.worker_id = p.id AND l.valid @> today()
            AND EXISTS (SELECT FROM worker s WHERE s.id = l.substitute_id AND s.valid @> today())
        JOIN worker w ON w.id = coalesce(l.substitute_id, p.id)
    WHERE s.code = p_subdistrict_code
    ORDER BY w.id
$$;
