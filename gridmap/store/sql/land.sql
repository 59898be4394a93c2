-- Land that a planner has built anew. Only an attempt of the planner's job writes it, in the community of the job and
-- once a day; a browser's session never does. See decision 64.

-- The communities whose land the job of the transaction builds anew: that of a rebuild, and those of the subdistrict
-- whose boundaries an import mends. None for a session of a browser, and none where land holds from today on already.
CREATE OR REPLACE FUNCTION my_rebuilt_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    IF NOT starts_with(coalesce(current_setting('gridmap.session_token', true), ''), 'job ') THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT c.id FROM my_job() j JOIN community c ON c.subdistrict_id = j.subdistrict_id
        WHERE my_role() = 'planner' AND c.id = ANY (my_communities())
            AND (j.kind = 'rebuild_land' AND c.id = j.community_id OR mends_my_boundaries(c.subdistrict_id))
            AND NOT EXISTS (SELECT FROM land l WHERE l.community_id = c.id
                AND l.created_at < transaction_timestamp() AND l.holds_from >= today()));
END $$;

-- Whether the transaction belongs to the job that imports boundaries of communities for a planner of the whole
-- subdistrict.
CREATE OR REPLACE FUNCTION mends_my_boundaries(p_subdistrict_id bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN my_role() = 'planner' AND p_subdistrict_id = ANY (my_whole_subdistricts())
        AND starts_with(coalesce(current_setting('gridmap.session_token', true), ''), 'job ')
        AND EXISTS (SELECT FROM my_job() j JOIN import_draft d
                ON d.id = (j.parameters->>'draft_id')::bigint AND d.account_id = j.account_id
            WHERE j.kind = 'import_apply' AND j.subdistrict_id = p_subdistrict_id AND d.kind = 'communities'
                AND d.subdistrict_id = p_subdistrict_id);
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

-- Gives communities with new land in this transaction the boundaries of their cells, the subdistrict their union, and
-- buildings another one of these communities, with their estates and courtyards, which begin there where they are new.
-- For the owner, and for the job that imports boundaries.
CREATE OR REPLACE FUNCTION mend_boundaries(
    p_land_ids bigint[], p_boundaries geometry[], p_building_ids bigint[], p_community_ids bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    subdistrict constant bigint := (SELECT min(l.subdistrict_id) FROM land l WHERE l.id = ANY (p_land_ids));
    communities constant bigint[] := ARRAY(SELECT l.community_id FROM land l WHERE l.id = ANY (p_land_ids));
BEGIN
    PERFORM require_permission((is_owner() OR mends_my_boundaries(subdistrict)) AND are_my_new_lands(p_land_ids)
        AND p_community_ids <@ communities);
    UPDATE community c SET geometry = n.geometry
        FROM unnest(p_land_ids, p_boundaries) n (id, geometry) JOIN land l ON l.id = n.id WHERE c.id = l.community_id;
    UPDATE subdistrict s SET geometry = (SELECT ST_Multi(ST_Union(c.geometry)) FROM community c
        WHERE c.subdistrict_id = s.id) WHERE s.id = subdistrict;
    INSERT INTO estate (subdistrict_id, community_id, name)
        SELECT DISTINCT b.subdistrict_id, m.community_id, e.name
        FROM unnest(p_building_ids, p_community_ids) m (id, community_id)
            JOIN building b ON b.id = m.id AND b.community_id = ANY (communities) JOIN estate e ON e.id = b.estate_id
        ON CONFLICT DO NOTHING;
    INSERT INTO courtyard (subdistrict_id, community_id, estate_id, name, place)
        SELECT DISTINCT b.subdistrict_id, m.community_id, n.id, c.name, c.place
        FROM unnest(p_building_ids, p_community_ids) m (id, community_id)
            JOIN building b ON b.id = m.id AND b.community_id = ANY (communities)
            JOIN courtyard c ON c.id = b.courtyard_id
            LEFT JOIN estate e ON e.id = c.estate_id
            LEFT JOIN estate n ON n.community_id = m.community_id AND n.name = e.name
        ON CONFLICT DO NOTHING;
    UPDATE building b SET community_id = m.community_id,
            estate_id = (SELECT n.id FROM estate e JOIN estate n ON n.name = e.name
                WHERE e.id = b.estate_id AND n.community_id = m.community_id),
            courtyard_id = (SELECT k.id FROM courtyard c LEFT JOIN estate e ON e.id = c.estate_id
                    LEFT JOIN estate n ON n.community_id = m.community_id AND n.name = e.name
                    JOIN courtyard k ON k.community_id = m.community_id AND k.name = c.name AND k.place = c.place
                        AND k.estate_id IS NOT DISTINCT FROM n.id
                WHERE c.id = b.courtyard_id)
        FROM unnest(p_building_ids, p_community_ids) m (id, community_id)
        WHERE b.id = m.id AND b.community_id = ANY (communities);
END $$;
