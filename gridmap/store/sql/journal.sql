-- Journal: which transaction has inserted, updated or deleted which row, from which source. Triggers write it, so that
-- nothing is left out, whether a form, an import or the owner writes. Earlier values may be names of persons: the
-- tables are hidden, and these functions return no values.

-- The change set of this transaction for a subdistrict, or NULL. It is found by the transaction, not by a setting,
-- which any statement could change; the time is there because numbers of transactions begin anew after a restore.
CREATE OR REPLACE FUNCTION present_change_set(p_subdistrict_id bigint) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$
    SELECT id FROM change_set
    WHERE transaction_id = pg_current_xact_id()::text::bigint AND subdistrict_id = p_subdistrict_id
        AND opened_at = transaction_timestamp()
    ORDER BY id DESC LIMIT 1
$$;

-- The same; opens one of changes by hand where the transaction has named no source.
CREATE OR REPLACE FUNCTION ensure_change_set(p_subdistrict_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    found_id bigint := present_change_set(p_subdistrict_id);
    own_id constant bigint := my_account();
BEGIN
    IF found_id IS NULL THEN
        INSERT INTO change_set (subdistrict_id, account_id, role, community_ids, source, as_of, by_hand, transaction_id)
        VALUES (p_subdistrict_id, own_id, my_role(), my_communities(),
            coalesce((SELECT name FROM account WHERE id = own_id), 'gridmap'), today(), true,
            pg_current_xact_id()::text::bigint)
        RETURNING id INTO found_id;
    END IF;
    RETURN found_id;
END $$;

-- Names the source of what this transaction is going to change in a subdistrict. The owner may do it for an account,
-- as a job does.
CREATE OR REPLACE FUNCTION open_change_set(p_subdistrict_id bigint, p_source text, p_as_of date, p_account_id bigint)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    acting_id constant bigint := CASE WHEN is_owner() THEN p_account_id ELSE my_account() END;
    new_id bigint;
BEGIN
    PERFORM require_permission(is_owner()
        OR my_role() IN ('planner', 'station', 'admin', 'worker') AND p_subdistrict_id = ANY (my_subdistricts()));
    INSERT INTO change_set (subdistrict_id, account_id, role, community_ids, source, as_of, transaction_id)
    VALUES (p_subdistrict_id, acting_id, (SELECT role FROM account WHERE id = acting_id),
        communities_of(acting_id, today()), p_source, p_as_of, pg_current_xact_id()::text::bigint)
    RETURNING id INTO new_id;
    RETURN new_id;
END $$;

-- The columns of a table that hold what was written, as a list for SELECT. Geometries are written as text: JSON would
-- round their coordinates.
CREATE OR REPLACE FUNCTION journal_columns(p_table regclass) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT string_agg(CASE WHEN a.atttypid = 'geometry'::regtype THEN format('%1$I::text AS %1$I', a.attname)
        ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
$$;

-- Trigger: writes the rows that a statement has inserted, updated or deleted to the journal. The owner may pause it
-- for values that mean the same afterwards, such as numbers encrypted with another key; so may a job that builds land
-- anew, for the cells of places.
CREATE OR REPLACE FUNCTION journal_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET bytea_output = hex SET datestyle = 'ISO'
AS $$ BEGIN
    IF current_setting('gridmap.journal', true) = 'off'
        AND (is_owner() OR cardinality(my_rebuilt_communities()) > 0) THEN
        RETURN NULL;
    END IF;
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO record_change (change_set_id, table_name, row_id, action)
        SELECT s.change_set_id, TG_TABLE_NAME, n.id, 'insert'
        FROM new_rows n JOIN (SELECT d.subdistrict_id, ensure_change_set(d.subdistrict_id) AS change_set_id
            FROM (SELECT DISTINCT subdistrict_id FROM new_rows) d OFFSET 0) s USING (subdistrict_id);
    WHEN 'UPDATE' THEN
        EXECUTE format($query$
            WITH o AS MATERIALIZED (SELECT id, to_jsonb(v) AS value FROM (SELECT %1$s FROM old_rows) v),
            n AS MATERIALIZED (SELECT id, subdistrict_id, to_jsonb(v) AS value FROM (SELECT %1$s FROM new_rows) v),
            changed AS MATERIALIZED (
                SELECT n.id, n.subdistrict_id, (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(o.value) e
                    WHERE e.value IS DISTINCT FROM n.value -> e.key) AS before
                FROM o JOIN n USING (id) WHERE o.value <> n.value),
            sets AS MATERIALIZED (SELECT d.subdistrict_id, ensure_change_set(d.subdistrict_id) AS change_set_id
                FROM (SELECT DISTINCT subdistrict_id FROM changed) d)
            INSERT INTO record_change (change_set_id, table_name, row_id, action, before)
            SELECT s.change_set_id, %2$L, c.id, 'update', c.before FROM changed c JOIN sets s USING (subdistrict_id)
            $query$, journal_columns(TG_RELID), TG_TABLE_NAME);
    WHEN 'DELETE' THEN
        EXECUTE format($query$
            WITH sets AS MATERIALIZED (SELECT d.subdistrict_id, ensure_change_set(d.subdistrict_id) AS change_set_id
                FROM (SELECT DISTINCT subdistrict_id FROM old_rows) d)
            INSERT INTO record_change (change_set_id, table_name, row_id, action, before)
            SELECT s.change_set_id, %2$L, v.id, 'delete', to_jsonb(v)
            FROM (SELECT %1$s FROM old_rows) v JOIN sets s USING (subdistrict_id)
            $query$, journal_columns(TG_RELID), TG_TABLE_NAME);
    END CASE;
    RETURN NULL;
END $$;

DO $$
DECLARE
    of_table text;
BEGIN
    FOREACH of_table IN ARRAY ARRAY[@journaled_tables@] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER journal_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION journal_changes()', of_table);
        EXECUTE format('CREATE OR REPLACE TRIGGER journal_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows'
            ' NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION journal_changes()', of_table);
        EXECUTE format('CREATE OR REPLACE TRIGGER journal_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION journal_changes()', of_table);
    END LOOP;
END $$;

-- The rows among some that the account may see today. The functions below run as a role that sees every row.
CREATE OR REPLACE FUNCTION visible_records(p_table text, p_row_ids bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE
AS $$ BEGIN
    IF is_owner() THEN
        RETURN QUERY SELECT unnest(p_row_ids);
    ELSIF p_table = 'resident' THEN
        RETURN QUERY SELECT r.id FROM resident r JOIN household h ON h.id = r.household_id
            WHERE r.id = ANY (p_row_ids) AND h.building_id IN (SELECT my_buildings());
    ELSIF p_table = 'service_group_member' THEN
        RETURN QUERY SELECT m.id FROM service_group_member m JOIN service_group g ON g.id = m.service_group_id
                AND g.in_use AND (g.access_class <> 'sensitive' OR my_role() = 'station')
            JOIN resident r ON r.id = m.resident_id JOIN household h ON h.id = r.household_id
            WHERE m.id = ANY (p_row_ids) AND h.building_id IN (SELECT my_buildings());
    ELSIF p_table IN ('household', 'dwelling') THEN
        RETURN QUERY EXECUTE format('SELECT t.id FROM %I t WHERE t.id = ANY ($1)'
            ' AND t.building_id IN (SELECT my_buildings())', p_table) USING p_row_ids;
    ELSIF p_table = 'population_count' THEN
        RETURN QUERY SELECT c.id FROM population_count c JOIN building b ON b.id = c.building_id
            WHERE c.id = ANY (p_row_ids) AND my_role() IN ('planner', 'station')
                AND b.community_id = ANY (my_communities());
    ELSIF p_table = 'service_group_count' THEN
        RETURN QUERY SELECT c.id FROM service_group_count c JOIN building b ON b.id = c.building_id
                JOIN service_group g ON g.id = c.service_group_id AND g.in_use
            WHERE c.id = ANY (p_row_ids) AND my_role() = 'station' AND b.community_id = ANY (my_communities());
    ELSIF p_table = 'worker' THEN
        RETURN QUERY SELECT w.id FROM worker w WHERE w.id = ANY (p_row_ids) AND w.community_id = ANY (my_communities());
    ELSIF p_table IN ('duty', 'leave') THEN
        RETURN QUERY EXECUTE format('SELECT t.id FROM %I t JOIN worker w ON w.id = t.worker_id'
            ' WHERE t.id = ANY ($1) AND w.community_id = ANY (my_communities())', p_table) USING p_row_ids;
    ELSIF p_table = 'incident' THEN
        RETURN QUERY SELECT i.id FROM incident i WHERE i.id = ANY (p_row_ids) AND my_role() = 'station'
            AND i.cell_id IN (SELECT my_cells());
    ELSIF p_table = ANY (ARRAY[@journaled_tables@]) THEN
        RETURN QUERY EXECUTE format('SELECT t.id FROM %I t WHERE t.id = ANY ($1)'
            ' AND t.subdistrict_id = ANY (my_subdistricts())', p_table) USING p_row_ids;
    END IF;
END $$;

-- Whether a change set still holds: it takes none back, and none takes it back.
CREATE OR REPLACE FUNCTION is_standing(p_change_set_id bigint, p_undoes bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT p_undoes IS NULL AND NOT EXISTS (SELECT FROM change_set u WHERE u.undoes = p_change_set_id) $$;

-- The change set that each field of some rows has its present value from. The field '*' stands for all that no later
-- change set has touched. Rows from before the journal have no record: their own source holds.
CREATE OR REPLACE FUNCTION field_sources(p_table text, p_row_ids bigint[])
RETURNS TABLE (row_id bigint, field text, change_set_id bigint, source varchar, as_of date, by_hand boolean,
    changed_at timestamptz, account_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN QUERY SELECT DISTINCT ON (c.row_id, f.name) c.row_id, f.name, s.id, s.source, s.as_of, s.by_hand,
        s.opened_at, s.account_id
    FROM record_change c JOIN change_set s ON s.id = c.change_set_id
        CROSS JOIN LATERAL (SELECT '*' AS name WHERE c.action = 'insert'
            UNION ALL SELECT jsonb_object_keys(c.before) WHERE c.action = 'update') f
    WHERE c.table_name = p_table AND c.row_id = ANY (p_row_ids) AND is_standing(s.id, s.undoes)
        AND c.row_id IN (SELECT visible_records(p_table, p_row_ids))
    ORDER BY c.row_id, f.name, c.id DESC;
END $$;

-- The changes of some rows, the newest first, with the names of the fields and without their values.
CREATE OR REPLACE FUNCTION record_changes(p_table text, p_row_ids bigint[])
RETURNS TABLE (row_id bigint, action varchar, fields text[], change_set_id bigint, source varchar, as_of date,
    by_hand boolean, changed_at timestamptz, account_id bigint, undone boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN QUERY SELECT c.row_id, c.action,
        CASE c.action WHEN 'update' THEN ARRAY(SELECT jsonb_object_keys(c.before) ORDER BY 1) ELSE '{}' END,
        s.id, s.source, s.as_of, s.by_hand, s.opened_at, s.account_id, NOT is_standing(s.id, s.undoes)
    FROM record_change c JOIN change_set s ON s.id = c.change_set_id
    WHERE c.table_name = p_table AND c.row_id = ANY (p_row_ids)
        AND c.row_id IN (SELECT visible_records(p_table, p_row_ids))
    ORDER BY c.id DESC;
END $$;

-- Removes the earlier values of change sets that were made before a day; the names of the fields remain. Returns the
-- number of change sets, which cannot be undone afterwards.
CREATE OR REPLACE FUNCTION remove_earlier_values(p_day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    removed bigint;
BEGIN
    PERFORM require_permission(is_owner());
    UPDATE record_change c
    SET before = (SELECT coalesce(jsonb_object_agg(k, NULL), '{}') FROM jsonb_object_keys(c.before) k)
    FROM change_set s
    WHERE s.id = c.change_set_id AND s.values_removed_at IS NULL AND s.opened_at < p_day AND c.action <> 'insert';
    UPDATE change_set SET values_removed_at = now() WHERE values_removed_at IS NULL AND opened_at < p_day;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
