-- Imports: what a sheet of residents is compared with, and which imports stand.

-- Residents of today for the comparison with a sheet: those of some buildings, and all others with an identity number,
-- who may have moved. Names are digests: the import compares them and shows none. For stations and the owner.
CREATE OR REPLACE FUNCTION residents_for_import(p_subdistrict_id bigint, p_building_ids bigint[])
RETURNS TABLE (id bigint, household_id bigint, building_id bigint, dwelling_id bigint, kind varchar,
    name_digest bytea, birth_year integer, id_number_index bytea, phone_index bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    present_day constant date := today();
BEGIN
    PERFORM require_permission(is_owner()
        OR my_role() = 'station' AND p_subdistrict_id = ANY (my_subdistricts()));
    RETURN QUERY SELECT r.id, h.id, h.building_id, h.dwelling_id, h.kind, sha256(convert_to(r.name, 'UTF8')),
        r.birth_year, r.id_number_index, r.phone_index
    FROM resident r JOIN household h ON h.id = r.household_id
    WHERE r.subdistrict_id = p_subdistrict_id AND r.valid @> present_day
        AND (r.id_number_index IS NOT NULL OR h.building_id = ANY (p_building_ids))
        AND (is_owner() OR h.building_id IN (SELECT my_buildings()))
    ORDER BY r.id;
END $$;

-- Lets residents leave their households on a day and join others, with the same name and numbers; one that joined on
-- that day or later is moved in place. Returns the present row of each, in order. For stations and the owner.
CREATE OR REPLACE FUNCTION move_residents(p_resident_ids bigint[], p_household_ids bigint[], p_day date)
RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    move record;
    new_id bigint;
BEGIN
    PERFORM require_permission(is_owner() OR my_role() = 'station'
        AND NOT EXISTS (SELECT FROM resident r JOIN household h ON h.id = r.household_id
            WHERE r.id = ANY (p_resident_ids) AND h.building_id NOT IN (SELECT my_buildings()))
        AND NOT EXISTS (SELECT FROM household h
            WHERE h.id = ANY (p_household_ids) AND h.building_id NOT IN (SELECT my_buildings())));
    FOR move IN SELECT r.id, m.household_id, lower(r.valid) >= p_day AS is_new
        FROM unnest(p_resident_ids, p_household_ids) WITH ORDINALITY AS m(resident_id, household_id, n)
            JOIN resident r ON r.id = m.resident_id ORDER BY m.n
    LOOP
        IF move.is_new THEN
            UPDATE resident SET household_id = move.household_id WHERE id = move.id;
            new_id := move.id;
        ELSE
            UPDATE resident SET valid = daterange(lower(valid), p_day) WHERE id = move.id;
            INSERT INTO resident (subdistrict_id, household_id, name, birth_year, id_number_encrypted, id_number_index,
                phone_encrypted, phone_index, source, valid)
            SELECT r.subdistrict_id, move.household_id, r.name, r.birth_year, r.id_number_encrypted, r.id_number_index,
                r.phone_encrypted, r.phone_index, r.source, daterange(p_day, NULL)
            FROM resident r WHERE r.id = move.id RETURNING id INTO new_id;
        END IF;
        RETURN NEXT new_id;
    END LOOP;
END $$;

-- Imports of a subdistrict that the account sees: when each was undone, if it was, and whether the account may undo it.
CREATE OR REPLACE FUNCTION import_states(p_subdistrict_id bigint)
RETURNS TABLE (import_run_id bigint, undone_at timestamptz, is_undoable boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT r.id, u.opened_at, u.id IS NULL AND s.values_removed_at IS NULL AND may_undo(s.id)
    FROM import_run r JOIN change_set s ON s.id = r.change_set_id LEFT JOIN change_set u ON u.undoes = s.id
    WHERE r.subdistrict_id = p_subdistrict_id AND (is_owner() OR p_subdistrict_id = ANY (my_subdistricts())
        AND (r.account_id = my_account() OR r.role = my_role() AND p_subdistrict_id = ANY (my_whole_subdistricts())))
$$;

-- The first letter of the names of residents, for a sheet that contradicts them. For stations and the owner.
CREATE OR REPLACE FUNCTION resident_first_letters(p_resident_ids bigint[])
RETURNS TABLE (resident_id bigint, letter text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR my_role() = 'station');
    RETURN QUERY SELECT r.id, left(r.name, 1) FROM resident r JOIN household h ON h.id = r.household_id
        WHERE r.id = ANY (p_resident_ids) AND (is_owner() OR h.building_id IN (SELECT my_buildings()));
END $$;
