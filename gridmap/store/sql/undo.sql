-- Undo of a change set: every row as it was before, as long as nothing newer stands on it.

-- Whether the account may undo a change set: one of its role that reached no farther than the account does today.
CREATE OR REPLACE FUNCTION may_undo(p_change_set_id bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT is_owner() OR EXISTS (SELECT FROM change_set s WHERE s.id = p_change_set_id AND s.role = my_role()
        AND s.role IN ('planner', 'station', 'admin') AND s.subdistrict_id = ANY (my_subdistricts())
        AND s.community_ids <@ my_communities())
$$;

-- The rows of a change set by their first and last change in it.
CREATE OR REPLACE FUNCTION rows_of_change_set(p_change_set_id bigint)
RETURNS TABLE (table_name varchar, row_id bigint, first_id bigint, inserted boolean, deleted boolean)
LANGUAGE sql STABLE
AS $$
    SELECT c.table_name, c.row_id, min(c.id), (array_agg(c.action ORDER BY c.id))[1] = 'insert',
        (array_agg(c.action ORDER BY c.id DESC))[1] = 'delete'
    FROM record_change c WHERE c.change_set_id = p_change_set_id GROUP BY c.table_name, c.row_id
$$;

-- Rows of a change set that a later one has changed, in the same fields or as a whole.
CREATE OR REPLACE FUNCTION later_changes(p_change_set_id bigint)
RETURNS TABLE (table_name varchar, row_id bigint, change_set_id bigint)
LANGUAGE sql STABLE
AS $$
    SELECT DISTINCT m.table_name, m.row_id, c.change_set_id
    FROM rows_of_change_set(p_change_set_id) m
        JOIN record_change c ON c.table_name = m.table_name AND c.row_id = m.row_id AND c.id > m.first_id
            AND c.change_set_id <> p_change_set_id
        JOIN change_set s ON s.id = c.change_set_id AND is_standing(s.id, s.undoes)
    WHERE m.inserted OR m.deleted OR c.action <> 'update' OR EXISTS (SELECT FROM record_change o
        WHERE o.change_set_id = p_change_set_id AND o.table_name = m.table_name AND o.row_id = m.row_id
            AND EXISTS (SELECT FROM jsonb_object_keys(o.before) k WHERE c.before ? k))
$$;

-- Rows of other tables, or of later change sets, that refer to rows which a change set has inserted. Cells of buildings
-- and former cells of places follow from the land and go with them; a case goes with its incident, unless a step of it
-- was taken.
CREATE OR REPLACE FUNCTION referring_rows(p_change_set_id bigint, p_limit integer)
RETURNS TABLE (table_name varchar, row_id bigint, referring_table varchar)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    link record;
BEGIN
    FOR link IN
        SELECT f.conrelid::regclass::text AS child, f.confrelid::regclass::text AS parent,
            (SELECT string_agg(format('child.%I = parent.%I', a.attname, b.attname), ' AND ')
                FROM unnest(f.conkey, f.confkey) AS k(of_child, of_parent)
                    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.of_child
                    JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.of_parent) AS same,
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.conrelid AND a.attname = 'id'
                AND a.atttypid = 'bigint'::regtype) AS has_id
        FROM pg_constraint f
        WHERE f.contype = 'f' AND f.conrelid <> 'building_cell'::regclass
            AND f.conrelid::regclass::text <> f.confrelid::regclass::text || '_former_cell'
            AND NOT (f.conrelid = 'incident_case'::regclass AND f.confdeltype = 'c')
            AND f.confrelid::regclass::text IN (SELECT DISTINCT c.table_name FROM record_change c
                WHERE c.change_set_id = p_change_set_id AND c.action = 'insert')
        ORDER BY 1, 2
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L::varchar, parent.id, %2$L::varchar FROM %1$I parent JOIN %2$I child ON %3$s'
            ' WHERE parent.id IN (SELECT c.row_id FROM record_change c WHERE c.change_set_id = $1'
            ' AND c.table_name = %1$L AND c.action = ''insert'') %4$s LIMIT $2',
            link.parent, link.child, link.same,
            CASE WHEN link.has_id THEN format('AND NOT EXISTS (SELECT FROM record_change o WHERE o.change_set_id = $1'
                ' AND o.table_name = %L AND o.row_id = child.id)', link.child) ELSE '' END)
            USING p_change_set_id, p_limit;
    END LOOP;
END $$;

-- What stands in the way of an undo: at most some rows of each reason, with the later change set where there is one.
-- An incident that was deleted would get another key. A leave that was ended gave a substitute access, which only the
-- entry of a leave gives.
CREATE OR REPLACE FUNCTION undo_obstacles(p_change_set_id bigint)
RETURNS TABLE (reason text, table_name varchar, row_id bigint, change_set_id bigint, referring_table varchar)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(may_undo(p_change_set_id));
    RETURN QUERY SELECT 'undone', NULL::varchar, NULL::bigint, s.id, NULL::varchar FROM change_set s
        WHERE s.id = p_change_set_id AND NOT is_standing(s.id, s.undoes);
    RETURN QUERY SELECT 'values_removed', NULL::varchar, NULL::bigint, s.id, NULL::varchar FROM change_set s
        WHERE s.id = p_change_set_id AND s.values_removed_at IS NOT NULL;
    RETURN QUERY SELECT 'changed', c.table_name, c.row_id, c.change_set_id, NULL::varchar
        FROM later_changes(p_change_set_id) c ORDER BY c.table_name, c.row_id LIMIT 100;
    RETURN QUERY SELECT 'referred_to', r.table_name, r.row_id, NULL::bigint, r.referring_table
        FROM referring_rows(p_change_set_id, 100) r;
    RETURN QUERY SELECT 'deleted_incident', c.table_name, c.row_id, NULL::bigint, NULL::varchar FROM record_change c
        WHERE c.change_set_id = p_change_set_id AND c.table_name = 'incident' AND c.action = 'delete' LIMIT 100;
    RETURN QUERY SELECT 'ended_leave', c.table_name, c.row_id, NULL::bigint, NULL::varchar FROM record_change c
        WHERE c.change_set_id = p_change_set_id AND c.table_name = 'leave' AND c.action <> 'insert' LIMIT 100;
END $$;

-- The values that rows of a table had before a change set: the earliest that it has replaced.
CREATE OR REPLACE FUNCTION values_before(p_change_set_id bigint, p_table text)
RETURNS TABLE (row_id bigint, deleted boolean, before jsonb)
LANGUAGE sql STABLE
AS $$
    SELECT m.row_id, m.deleted, jsonb_object_agg(v.key, v.value)
    FROM rows_of_change_set(p_change_set_id) m JOIN LATERAL (
        SELECT DISTINCT ON (e.key) e.key, e.value FROM record_change c, jsonb_each(c.before) e
        WHERE c.change_set_id = p_change_set_id AND c.table_name = m.table_name AND c.row_id = m.row_id
            AND NOT (p_table = 'worker' AND e.key = 'account_id') -- rights are given by an administrator only
        ORDER BY e.key, c.id) v ON true
    WHERE m.table_name = p_table AND NOT m.inserted
    GROUP BY m.row_id, m.deleted
$$;

-- The columns of a table that are written, as a list.
CREATE OR REPLACE FUNCTION written_columns(p_table text) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = p_table::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
$$;

-- Deletes the rows of a table that a change set has inserted, with their links to the land.
CREATE OR REPLACE FUNCTION delete_inserted(p_change_set_id bigint, p_table text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    inserted constant text := 'SELECT r.row_id FROM rows_of_change_set($1) r WHERE r.table_name = $2 AND r.inserted';
BEGIN
    IF p_table = 'building' THEN
        EXECUTE 'DELETE FROM building_cell WHERE building_id IN (' || inserted || ')' USING p_change_set_id, p_table;
    ELSIF p_table IN ('incident', 'facility', 'organisation', 'shop') THEN
        EXECUTE format('DELETE FROM %1$I_former_cell WHERE %1$I_id IN (%2$s)', p_table, inserted)
            USING p_change_set_id, p_table;
    END IF;
    EXECUTE format('DELETE FROM %I WHERE id IN (%s)', p_table, inserted) USING p_change_set_id, p_table;
END $$;

-- Inserts the rows of a table again that a change set has deleted.
CREATE OR REPLACE FUNCTION insert_deleted(p_change_set_id bigint, p_table text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    names constant text := written_columns(p_table);
BEGIN
    EXECUTE format('INSERT INTO %1$I (%2$s) SELECT %2$s FROM (SELECT (jsonb_populate_record(NULL::%1$I, b.before)).*'
        ' FROM values_before($1, $2) b WHERE b.deleted) r', p_table, names) USING p_change_set_id, p_table;
END $$;

-- Gives the rows of a table that a change set has updated their earlier values. Where land was built anew since, places
-- have their cell in the newest land.
CREATE OR REPLACE FUNCTION restore_updated(p_change_set_id bigint, p_table text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    names constant text := written_columns(p_table);
BEGIN
    EXECUTE format('UPDATE %1$I t SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(t, b.before))'
        ' FROM values_before($1, $2) b WHERE t.id = b.row_id AND NOT b.deleted', p_table, names)
        USING p_change_set_id, p_table;
    IF p_table IN ('incident', 'facility', 'organisation', 'shop') THEN
        EXECUTE format('UPDATE %1$I t SET cell_id = n.cell_id FROM values_before($1, $2) b'
            ' JOIN %1$I p ON p.id = b.row_id,'
            ' LATERAL (SELECT newest_cell(p.subdistrict_id, p.geometry, p.cell_id) AS cell_id OFFSET 0) n'
            ' WHERE t.id = p.id AND b.before ? ''cell_id'' AND n.cell_id IS DISTINCT FROM p.cell_id', p_table)
            USING p_change_set_id, p_table;
    END IF;
END $$;

-- Restores the rows of a change set, table by table. A step that another row still stands in the way of is tried again
-- after the others: a row that was inserted goes only when no row refers to it any more. What remains contradicts newer
-- rows, which have taken the place of an earlier value, or the class that an incident keeps.
CREATE OR REPLACE FUNCTION restore_rows(p_change_set_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    tables constant text[] := ARRAY(SELECT t.name FROM unnest(ARRAY[@journaled_tables@]) WITH ORDINALITY t(name, n)
        WHERE t.name IN (SELECT c.table_name FROM record_change c WHERE c.change_set_id = p_change_set_id)
        ORDER BY t.n);
    steps text[] := ARRAY(SELECT 'delete_inserted ' || t.name FROM unnest(tables) WITH ORDINALITY t(name, n)
            ORDER BY t.n DESC)
        || ARRAY(SELECT 'insert_deleted ' || t FROM unnest(tables) t)
        || ARRAY(SELECT 'restore_updated ' || t FROM unnest(tables) t);
    remaining text[];
    step text;
BEGIN
    WHILE cardinality(steps) > 0 LOOP
        remaining := '{}';
        FOREACH step IN ARRAY steps LOOP
            BEGIN
                EXECUTE format('SELECT %I($1, $2)', split_part(step, ' ', 1))
                    USING p_change_set_id, split_part(step, ' ', 2);
            EXCEPTION WHEN integrity_constraint_violation OR insufficient_privilege THEN
                remaining := remaining || step;
            END;
        END LOOP;
        IF cardinality(remaining) = cardinality(steps) THEN
            RAISE EXCEPTION 'rows stand in the way: %', remaining
                USING ERRCODE = 'restrict_violation', TABLE = split_part(remaining[1], ' ', 2);
        END IF;
        steps := remaining;
    END LOOP;
END $$;

-- Takes a change set back: every row is as it was before. Returns the change set of the undo itself.
CREATE OR REPLACE FUNCTION undo_change_set(p_change_set_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    SET bytea_output = hex SET datestyle = 'ISO'
AS $$
DECLARE
    present constant date := today();
    undo_id bigint;
BEGIN
    PERFORM require_permission(may_undo(p_change_set_id));
    PERFORM FROM change_set WHERE id = p_change_set_id FOR UPDATE;
    IF EXISTS (SELECT FROM undo_obstacles(p_change_set_id)) THEN
        RAISE EXCEPTION 'something stands on the change set' USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO change_set (subdistrict_id, account_id, role, community_ids, source, as_of, transaction_id, undoes)
    SELECT s.subdistrict_id, my_account(), my_role(), my_communities(), s.source, present,
        pg_current_xact_id()::text::bigint, s.id
    FROM change_set s WHERE s.id = p_change_set_id
    RETURNING id INTO undo_id;
    PERFORM restore_rows(p_change_set_id);
    RETURN undo_id;
END $$;

-- The merges of residents that still stand and that the account may undo, the newest first: the record that ended, and
-- what the change set says of itself. Merges are change sets whose source ends with a mark.
CREATE OR REPLACE FUNCTION standing_merges(p_mark text, p_limit integer)
RETURNS TABLE (resident_id bigint, change_set_id bigint, source varchar, as_of date, changed_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    places constant bigint[] := my_subdistricts();
BEGIN
    RETURN QUERY
    WITH merges AS MATERIALIZED (
        SELECT c.row_id, s.id, s.source, s.as_of, s.opened_at
        FROM change_set s JOIN record_change c ON c.change_set_id = s.id AND c.table_name = 'resident'
            AND c.action = 'update' AND c.before ? 'valid'
        WHERE s.subdistrict_id = ANY (places) AND right(s.source, length(p_mark)) = p_mark
            AND is_standing(s.id, s.undoes) AND may_undo(s.id))
    SELECT m.row_id, m.id, m.source, m.as_of, m.opened_at FROM merges m
    WHERE m.row_id IN (SELECT visible_records('resident', ARRAY(SELECT n.row_id FROM merges n)))
    ORDER BY m.id DESC LIMIT p_limit;
END $$;
