-- Land that a planner has built anew. Only an attempt of the planner's job writes it, in the community of the job and
-- once a day; a browser's session never does. See decision 64.

-- The community whose land the job of the transaction builds anew; none for a session of a browser, and none where its
-- land holds from today on already.
CREATE OR REPLACE FUNCTION my_rebuilt_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    IF NOT starts_with(coalesce(current_setting('gridmap.session_token', true), ''), 'job ') THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT j.community_id FROM my_job() j
        WHERE j.kind = 'rebuild_land' AND my_role() = 'planner' AND j.community_id = ANY (my_communities())
            AND NOT EXISTS (SELECT FROM land l WHERE l.community_id = j.community_id
                AND l.created_at < transaction_timestamp() AND l.holds_from >= today()));
END $$;

-- Whether lands were built by this transaction, by the owner or by the job of a planner.
CREATE OR REPLACE FUNCTION are_my_new_lands(p_land_ids bigint[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own constant bigint[] := my_rebuilt_communities();
BEGIN
    RETURN NOT EXISTS (SELECT FROM unnest(p_land_ids) n (id) LEFT JOIN land l ON l.id = n.id
        WHERE l.id IS NULL OR l.created_at <> transaction_timestamp()
            OR NOT (is_owner() OR l.community_id = ANY (own)));
END $$;

-- The cell of a place on new lands: that of the building around it, else the nearest one up to 5 m away; of equal ones
-- that with the smallest key. As gridmap.core.land.point_links does it for imports. NULL where there is none.
CREATE OR REPLACE FUNCTION cell_of_place(p_land_ids bigint[], p_point geometry) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (SELECT s.cell_id FROM building b JOIN building_cell s ON s.building_id = b.id AND s.land_id = ANY (p_land_ids)
            WHERE ST_Intersects(b.geometry, p_point) ORDER BY b.id LIMIT 1),
        (SELECT c.id FROM cell c WHERE c.land_id = ANY (p_land_ids)
                AND c.geometry && ST_Expand(p_point, @max_outside_m@ / 110000.0 / cos(radians(ST_Y(p_point))))
                AND ST_DWithin(c.geometry::geography, p_point::geography, @max_outside_m@)
            ORDER BY ST_Distance(c.geometry::geography, p_point::geography), c.id LIMIT 1))
$$;

-- Links the places of communities to their new lands, and returns the number of those with another cell by table. The
-- row has the new cell, and a former cell the days before. Incidents of other communities learn which new cells are
-- within 5 m of them. Places are those on the land before and those in no cell, whoever may see them.
CREATE OR REPLACE FUNCTION relink_places(p_land_ids bigint[]) RETURNS TABLE (place text, places bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    subdistrict constant bigint := (SELECT min(l.subdistrict_id) FROM land l WHERE l.id = ANY (p_land_ids));
    former constant bigint[] := ARRAY(SELECT c.id FROM unnest(p_land_ids) n (id) JOIN land l ON l.id = n.id
        JOIN cell c ON c.land_id = (
            SELECT max(o.id) FROM land o WHERE o.community_id = l.community_id AND o.id < l.id));
    new_cells constant bigint[] := ARRAY(SELECT c.id FROM cell c WHERE c.land_id = ANY (p_land_ids));
BEGIN
    PERFORM require_permission(are_my_new_lands(p_land_ids));
    FOREACH place IN ARRAY '{incident,facility,organisation,shop}'::text[] LOOP
        EXECUTE format($query$
            WITH changed AS MATERIALIZED (
                SELECT p.id, n.cell_id FROM %1$I p, LATERAL (SELECT cell_of_place($1, p.geometry) AS cell_id) n
                WHERE p.subdistrict_id = $2 AND (p.cell_id IS NULL OR p.cell_id = ANY ($3))
                    AND p.cell_id IS DISTINCT FROM n.cell_id
            ), saved AS (%2$s)
            UPDATE %1$I p SET cell_id = c.cell_id FROM changed c WHERE c.id = p.id
            $query$, place, save_former_cells(place)) USING p_land_ids, subdistrict, former;
        GET DIAGNOSTICS places = ROW_COUNT;
        RETURN NEXT;
    END LOOP;
    EXECUTE format($query$
        WITH changed AS MATERIALIZED (
            SELECT i.id FROM incident i WHERE i.subdistrict_id = $1 AND i.near_cell_ids && $2
                AND i.geometry && (SELECT ST_Expand(ST_Extent(c.geometry)::geometry, 0.001) FROM cell c
                    WHERE c.id = ANY ($2))
            UNION
            SELECT i.id FROM incident i JOIN cell c ON c.id = ANY ($3) AND c.geometry && ST_Expand(i.geometry, 0.0001)
                AND ST_DWithin(c.geometry::geography, i.geometry::geography, @border_zone_m@)
            WHERE i.subdistrict_id = $1 AND i.cell_id <> ALL ($3) AND NOT i.near_cell_ids && $3
                AND i.geometry && (SELECT ST_Expand(ST_Extent(n.geometry)::geometry, 0.001) FROM cell n
                    WHERE n.id = ANY ($3))
        ), saved AS (%s)
        UPDATE incident i SET near_cell_ids = i.near_cell_ids FROM changed c WHERE c.id = i.id
        $query$, save_former_cells('incident')) USING subdistrict, former, new_cells;
END $$;

-- The statement that saves the cells that changed places had up to today; a part of those of `relink_places`.
CREATE OR REPLACE FUNCTION save_former_cells(p_place text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT format($query$
        INSERT INTO %1$s_former_cell (%1$s_id, valid, cell_id, %2$s subdistrict_id)
        SELECT p.id, daterange(l.until, today()), p.cell_id, %3$s p.subdistrict_id
        FROM changed h JOIN %1$I p ON p.id = h.id
            CROSS JOIN LATERAL (SELECT max(upper(f.valid)) AS until FROM %1$s_former_cell f WHERE f.%1$s_id = p.id) l
        WHERE l.until IS NULL OR l.until < today()
        $query$, p_place, CASE p_place WHEN 'incident' THEN 'near_cell_ids,' ELSE '' END,
        CASE p_place WHEN 'incident' THEN 'p.near_cell_ids,' ELSE '' END)
$$;

-- Lets a revision that was carried to new land hold in place of its parent, from today on or from the first day of an
-- adoption that begins later. The days before keep their revision; note and account stay, as the same decision holds.
CREATE OR REPLACE FUNCTION carry_adoption(p_adoption_id bigint, p_revision_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    of_parent adoption;
    carried constant revision := (SELECT r FROM revision r WHERE r.id = p_revision_id);
BEGIN
    SELECT * INTO of_parent FROM adoption a WHERE a.id = p_adoption_id FOR UPDATE;
    PERFORM require_permission(are_my_new_lands(ARRAY[carried.land_id]) AND carried.parent_id = of_parent.revision_id
        AND carried.community_id = of_parent.community_id);
    IF lower(of_parent.valid) >= today() THEN
        UPDATE adoption SET revision_id = p_revision_id WHERE id = p_adoption_id;
    ELSE
        UPDATE adoption SET valid = daterange(lower(valid), today()) WHERE id = p_adoption_id;
        INSERT INTO adoption (subdistrict_id, community_id, revision_id, valid, note, adopted_at, adopted_by)
            VALUES (of_parent.subdistrict_id, of_parent.community_id, p_revision_id,
                daterange(today(), upper(of_parent.valid)), of_parent.note, of_parent.adopted_at, of_parent.adopted_by);
    END IF;
END $$;

-- Stores the report of a land that was built anew, and writes the audit of the account of the job.
CREATE OR REPLACE FUNCTION save_land_report(p_land_id bigint, p_report jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(are_my_new_lands(ARRAY[p_land_id]));
    UPDATE land SET report = p_report WHERE id = p_land_id;
    INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, details)
        SELECT l.subdistrict_id, l.community_id, l.created_by, 'rebuild_land', 'land', l.id,
            jsonb_build_object('cells', (SELECT count(*) FROM cell c WHERE c.land_id = l.id))
        FROM land l WHERE l.id = p_land_id AND l.created_by IS NOT NULL;
END $$;
