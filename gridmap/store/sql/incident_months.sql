-- Ordinary incidents packed by month for counting. A packed month holds what the rows of its incidents hold, and is
-- read only where no change of them has been noted since. Changes are noted by adding rows, so no writer waits for
-- another one; packing removes the notes and reads the rows in one statement, so both are of one moment.

-- Trigger: notes the months whose ordinary incidents a statement has changed.
CREATE OR REPLACE FUNCTION note_changed_months() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE zone constant text := coalesce((SELECT time_zone FROM installation), 'UTC');
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        INSERT INTO incident_month_change (subdistrict_id, month)
        SELECT DISTINCT subdistrict_id, date_trunc('month', occurred_at AT TIME ZONE zone)::date
        FROM old_incidents WHERE access_class = 'ordinary';
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO incident_month_change (subdistrict_id, month)
        SELECT DISTINCT subdistrict_id, date_trunc('month', occurred_at AT TIME ZONE zone)::date
        FROM new_incidents WHERE access_class = 'ordinary';
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM incident_month;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER note_changed_months_insert AFTER INSERT ON incident
    REFERENCING NEW TABLE AS new_incidents FOR EACH STATEMENT EXECUTE FUNCTION note_changed_months();
CREATE OR REPLACE TRIGGER note_changed_months_update AFTER UPDATE ON incident
    REFERENCING OLD TABLE AS old_incidents NEW TABLE AS new_incidents
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed_months();
CREATE OR REPLACE TRIGGER note_changed_months_delete AFTER DELETE ON incident
    REFERENCING OLD TABLE AS old_incidents FOR EACH STATEMENT EXECUTE FUNCTION note_changed_months();
CREATE OR REPLACE TRIGGER note_changed_months_truncate AFTER TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed_months();

-- The ordinary incidents of a month as a row of incident_month, from their own rows. One order holds for all columns.
CREATE OR REPLACE FUNCTION packed_incident_month(p_subdistrict_id bigint, p_month date) RETURNS incident_month
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    WITH place AS (SELECT coalesce((SELECT time_zone FROM installation), 'UTC') AS zone),
    listed AS MATERIALIZED (
        SELECT i.id, i.category, i.near_cell_ids, i.geometry, coalesce(i.cell_id, 0) AS cell_id,
            coalesce(i.street_id, 0) AS street_id,
            (dense_rank() OVER (ORDER BY i.category COLLATE "C"))::smallint AS code,
            extract(day FROM i.occurred_at AT TIME ZONE p.zone)::smallint AS day,
            CASE WHEN isfinite(i.closed_at) THEN (i.closed_at AT TIME ZONE p.zone)::date - date '1970-01-01'
                ELSE 2147483647 END AS closed_day
        FROM place p JOIN incident i ON i.occurred_at >= p_month::timestamp AT TIME ZONE p.zone
            AND i.occurred_at < (p_month + interval '1 month') AT TIME ZONE p.zone
        WHERE i.subdistrict_id = p_subdistrict_id AND i.access_class = 'ordinary'
    ), packed AS (
        SELECT coalesce(string_agg(int2send(l.code), ''), '') AS codes,
            coalesce(string_agg(int2send(l.day), ''), '') AS days,
            coalesce(string_agg(int4send(l.closed_day), ''), '') AS closed_days,
            coalesce(string_agg(int8send(l.cell_id), ''), '') AS cell_ids,
            coalesce(string_agg(int2send(cardinality(l.near_cell_ids)::smallint), ''), '') AS near_counts,
            coalesce(string_agg(int8send(l.street_id), ''), '') AS street_ids,
            coalesce(string_agg(float8send(ST_X(l.geometry)) || float8send(ST_Y(l.geometry)), ''), '')
                AS positions
        FROM (SELECT * FROM listed ORDER BY cell_id, id) l
    ), near AS (
        SELECT coalesce(string_agg(int8send(c.id), ''), '') AS near_cell_ids
        FROM (SELECT near_cell_ids FROM listed ORDER BY cell_id, id) l, unnest(l.near_cell_ids) c(id)
    )
    SELECT p_subdistrict_id, p_month, place.zone, clock_timestamp(),
        ARRAY(SELECT category FROM listed GROUP BY category, code ORDER BY code), packed.codes, packed.days,
        packed.closed_days, packed.cell_ids, packed.near_counts, near.near_cell_ids, packed.street_ids, packed.positions
    FROM place, packed, near
$$;

-- Packs months of a subdistrict that have changed, the newest first, and returns their number. Another transaction that
-- packs is not waited for.
CREATE OR REPLACE FUNCTION pack_incident_months(p_subdistrict_id bigint, p_limit integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    due_month date;
    number integer := 0;
BEGIN
    IF NOT (is_owner() OR p_subdistrict_id = ANY (my_subdistricts()))
        OR NOT EXISTS (SELECT FROM incident_month_change WHERE subdistrict_id = p_subdistrict_id)
        OR NOT pg_try_advisory_xact_lock(hashtext('packed'), (p_subdistrict_id % 2147483647)::integer) THEN
        RETURN 0; -- see store/locks.py
    END IF;
    FOR due_month IN
        SELECT DISTINCT month FROM incident_month_change WHERE subdistrict_id = p_subdistrict_id
        ORDER BY month DESC LIMIT p_limit
    LOOP
        DELETE FROM incident_month WHERE subdistrict_id = p_subdistrict_id AND month = due_month;
        WITH noted AS (
            DELETE FROM incident_month_change WHERE subdistrict_id = p_subdistrict_id AND month = due_month
        )
        INSERT INTO incident_month SELECT * FROM packed_incident_month(p_subdistrict_id, due_month);
        number := number + 1;
    END LOOP;
    RETURN number;
END $$;
