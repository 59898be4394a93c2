-- Incidents: their access class, their numbers, and the reports of an account. Numbers and keys are counted for each
-- class by itself: gaps between those of ordinary incidents would tell how many others there are.

-- Trigger: a new incident gets the class of its category and a key of that class. Neither changes afterwards, so a
-- category with another class acts on new incidents only; and a correction of the category keeps within the class.
CREATE OR REPLACE FUNCTION set_incident_class() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    category_class text;
    basis text;
BEGIN
    SELECT access_class, legal_basis INTO category_class, basis FROM incident_category
        WHERE subdistrict_id = NEW.subdistrict_id AND key = NEW.category;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.access_class <> OLD.access_class OR NEW.id <> OLD.id
            OR NEW.category <> OLD.category AND category_class IS DISTINCT FROM OLD.access_class THEN
            RAISE EXCEPTION 'an incident keeps its class' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF category_class = 'sensitive' AND basis IS NULL AND NEW.subdistrict_id = ANY (my_subdistricts()) THEN
        RAISE EXCEPTION 'the category has no legal basis' USING ERRCODE = 'check_violation';
    END IF;
    -- an unknown category is left to the foreign key, which is checked after the policy: the trigger tells nothing of
    -- another subdistrict
    NEW.access_class := coalesce(category_class, 'personal');
    NEW.id := nextval('incident_' || NEW.access_class || '_id_seq');
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER set_incident_class BEFORE INSERT OR UPDATE OF id, subdistrict_id, category, access_class
    ON incident FOR EACH ROW EXECUTE FUNCTION set_incident_class();

-- Other cells of the newest land of a subdistrict within the border zone of a point, in metres on the ellipsoid. An
-- import finds the same cells in gridmap.store.writes.features. A degree of latitude is 110.57 km or more.
CREATE OR REPLACE FUNCTION near_cells(p_subdistrict_id bigint, p_point geometry, p_cell_id bigint) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT coalesce(array_agg(c.id ORDER BY c.id), '{}') FROM cell c
    WHERE c.land_id IN (SELECT max(l.id) FROM land l WHERE l.subdistrict_id = p_subdistrict_id GROUP BY l.community_id)
        AND c.id IS DISTINCT FROM p_cell_id
        AND c.geometry && ST_Expand(p_point, @border_zone_m@ / 110000.0 / cos(radians(ST_Y(p_point))),
            @border_zone_m@ / 110000.0)
        AND ST_DWithin(c.geometry::geography, p_point::geography, @border_zone_m@)
$$;

-- The nearest street of a subdistrict to a point, if its centre line is within the zone of a street. Where segments
-- meet, the first is taken. An import finds the same streets.
CREATE OR REPLACE FUNCTION nearest_street(p_subdistrict_id bigint, p_point geometry) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    WITH near AS (
        SELECT s.id, ST_Distance(s.geometry::geography, p_point::geography) AS metres FROM street s
        WHERE s.subdistrict_id = p_subdistrict_id
            AND s.geometry && ST_Expand(p_point, @street_zone_m@ / 110000.0 / cos(radians(ST_Y(p_point))),
                @street_zone_m@ / 110000.0)
    )
    SELECT min(id) FROM near
    WHERE metres <= @street_zone_m@ AND metres <= (SELECT min(metres) FROM near) + @same_distance_m@
$$;

-- Trigger: an incident knows the other cells near it and its street. Only an import may bring them; the application
-- never does. A report that was located while land was built anew is linked to the new land.
CREATE OR REPLACE FUNCTION set_surroundings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    IF TG_OP = 'INSERT' AND NOT is_owner() THEN
        PERFORM share_land(NEW.subdistrict_id);
        NEW.cell_id := newest_cell(NEW.subdistrict_id, NEW.geometry, NEW.cell_id);
    END IF;
    IF TG_OP = 'UPDATE' OR NEW.near_cell_ids IS NULL OR NOT is_owner() THEN
        NEW.near_cell_ids := near_cells(NEW.subdistrict_id, NEW.geometry, NEW.cell_id);
        NEW.street_id := nearest_street(NEW.subdistrict_id, NEW.geometry);
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER set_surroundings
    BEFORE INSERT OR UPDATE OF subdistrict_id, cell_id, geometry, near_cell_ids, street_id
    ON incident FOR EACH ROW EXECUTE FUNCTION set_surroundings();

-- Trigger: incidents follow streets that are added, moved or removed. The update lets their own trigger link them anew;
-- only the owner changes streets.
CREATE OR REPLACE FUNCTION relink_streets() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    UPDATE incident SET street_id = street_id WHERE id IN (
        SELECT i.id FROM changed c JOIN incident i ON i.street_id = c.id
        UNION
        SELECT i.id FROM changed c JOIN incident i ON i.subdistrict_id = c.subdistrict_id
            AND i.geometry && ST_Expand(c.geometry, @street_zone_m@ / 110000.0 / cos(radians(ST_YMax(c.geometry))),
                @street_zone_m@ / 110000.0));
    RETURN NULL;
END $$;

DO $$
DECLARE change text[];
BEGIN
    FOREACH change SLICE 1 IN ARRAY '{{insert,NEW},{update,NEW},{delete,OLD}}'::text[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER relink_streets_%s AFTER %s ON street REFERENCING %s TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION relink_streets()', change[1], change[1], change[2]);
    END LOOP;
END $$;

-- Ordinary incidents next to the grids of a worker, on streets that the plan in force gives to these grids. They may
-- lie on the land of another grid.
CREATE OR REPLACE FUNCTION my_street_incidents() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20 SET search_path = public, pg_temp
AS $$
    SELECT i.id FROM incident i
    WHERE (SELECT my_role()) = 'worker' AND i.access_class = 'ordinary'
        AND i.street_id = ANY (ARRAY(SELECT s.street_id FROM revision_street s
            JOIN adoption p ON p.revision_id = s.revision_id AND p.valid @> (SELECT today())
            WHERE s.grid_id = ANY ((SELECT my_grids())::bigint[])))
        AND i.near_cell_ids && ARRAY(SELECT my_cells())
$$;

-- The next number of today for a category in a subdistrict of the account: the date and a count, with a letter before
-- the count of personal (P) and sensitive (S) incidents. No other transaction gets one before this one ends.
CREATE OR REPLACE FUNCTION next_incident_number(p_subdistrict_id bigint, p_category text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE number_prefix text;
BEGIN
    IF NOT p_subdistrict_id = ANY (my_subdistricts()) THEN
        RAISE EXCEPTION 'not a subdistrict of the account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM require_permission(my_role() IN ('worker', 'station'));
    SELECT to_char(today(), 'YYYYMMDD') || CASE c.access_class WHEN 'ordinary' THEN '-' WHEN 'personal' THEN '-P'
        ELSE '-S' END INTO number_prefix
        FROM incident_category c WHERE c.subdistrict_id = p_subdistrict_id AND c.key = p_category;
    PERFORM pg_advisory_xact_lock(hashtext('incident'), (p_subdistrict_id % 2147483647)::integer); -- see store/locks.py
    RETURN number_prefix
        || lpad((1 + coalesce(max(substr(number, length(number_prefix) + 1)::integer), 0))::text, 4, '0')
        FROM incident WHERE subdistrict_id = p_subdistrict_id AND number ~ ('^' || number_prefix || '\d{4,8}$');
END $$;

-- Incidents that the account reported, as long as its role reports any. Pages read no reporter of an incident.
CREATE OR REPLACE FUNCTION my_reports() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp
AS $$
    SELECT id FROM incident WHERE (SELECT my_role()) IN ('worker', 'station') AND reported_by = (SELECT my_account())
$$;

-- The key of the own report with a number, or of the one made from a form; NULL where there is none.
CREATE OR REPLACE FUNCTION find_my_report(p_number text, p_form_hash text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    own_subdistricts constant bigint[] := my_subdistricts();
BEGIN
    IF my_role() NOT IN ('worker', 'station') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT max(id) FROM incident WHERE reported_by = own_id AND subdistrict_id = ANY (own_subdistricts)
        AND (number = p_number OR idempotency_key = p_form_hash));
END $$;

-- The buildings of some incidents that a worker or a station sees; other roles see no building of an incident.
CREATE OR REPLACE FUNCTION buildings_of_incidents(p_incident_ids bigint[])
RETURNS TABLE (incident_id bigint, building_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 50 SET search_path = public, pg_temp
AS $$
    SELECT i.id, i.building_id FROM incident i
    WHERE i.id = ANY (p_incident_ids) AND i.building_id IS NOT NULL AND (is_owner()
        OR (SELECT my_role()) IN ('worker', 'station') AND (i.cell_id IN (SELECT my_cells())
            OR i.reported_by = (SELECT my_account())
            OR (SELECT my_role()) = 'station' AND i.subdistrict_id = ANY ((SELECT my_whole_subdistricts())::bigint[])))
$$;
