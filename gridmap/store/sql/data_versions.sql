-- Versions of the data that tiles on disk and figures in memory are made from, and the key that both are found under.

-- Trigger: what is drawn, or counted by day, has changed in a subdistrict. The version is random, not counted: after a
-- restore a count would repeat.
CREATE OR REPLACE FUNCTION change_data_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO data_version (subdistrict_id)
        SELECT DISTINCT c.subdistrict_id FROM changed c JOIN subdistrict s ON s.id = c.subdistrict_id ORDER BY 1
        ON CONFLICT (subdistrict_id) DO UPDATE SET version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Trigger: the same for parts of revisions. Planners save drafts all day; only a revision with an adoption is shown.
CREATE OR REPLACE FUNCTION change_version_of_adopted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO data_version (subdistrict_id)
        SELECT DISTINCT p.subdistrict_id FROM adoption p
        WHERE p.revision_id IN (SELECT c.revision_id FROM changed c) ORDER BY 1
        ON CONFLICT (subdistrict_id) DO UPDATE SET version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Trigger: a table was emptied. Which subdistricts it had is not known any more.
CREATE OR REPLACE FUNCTION change_every_data_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    UPDATE data_version SET version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Trigger: the name of a place that is not on tiles has changed, or there is another one.
CREATE OR REPLACE FUNCTION change_names_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO data_version (subdistrict_id)
        SELECT DISTINCT c.subdistrict_id FROM changed c JOIN subdistrict s ON s.id = c.subdistrict_id ORDER BY 1
        ON CONFLICT (subdistrict_id) DO UPDATE SET names_version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Trigger: a table of names was emptied.
CREATE OR REPLACE FUNCTION change_every_names_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    UPDATE data_version SET names_version = gen_random_uuid();
    RETURN NULL;
END $$;

-- Rows of the tables that only get new ones are never changed (`reject_change`); a revision is adopted after it exists.
DO $$
DECLARE
    of_table text;
    change text[];
BEGIN
    FOREACH of_table IN ARRAY 
        '{building,building_cell,adoption,grid,household_count,population_count,statistical_area}'::text[] LOOP
        FOREACH change SLICE 1 IN ARRAY '{{INSERT,NEW},{UPDATE,NEW},{DELETE,OLD}}'::text[] LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER data_version_%s AFTER %s ON %I REFERENCING %s TABLE AS changed'
                ' FOR EACH STATEMENT EXECUTE FUNCTION change_data_version()',
                lower(change[1]), change[1], of_table, change[2]);
        END LOOP;
        EXECUTE format('CREATE OR REPLACE TRIGGER data_version_truncate AFTER TRUNCATE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION change_every_data_version()', of_table);
    END LOOP;
    FOREACH of_table IN ARRAY '{estate,shop,organisation,facility}'::text[] LOOP
        FOREACH change SLICE 1 IN ARRAY '{{INSERT,NEW},{UPDATE,NEW},{DELETE,OLD}}'::text[] LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER names_version_%s AFTER %s ON %I REFERENCING %s TABLE AS changed'
                ' FOR EACH STATEMENT EXECUTE FUNCTION change_names_version()',
                lower(change[1]), change[1], of_table, change[2]);
        END LOOP;
        EXECUTE format('CREATE OR REPLACE TRIGGER names_version_truncate AFTER TRUNCATE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION change_every_names_version()', of_table);
    END LOOP;
    FOREACH change SLICE 1 IN ARRAY '{{statistical_area_building,change_data_version},
        {statistical_area_count,change_data_version},{revision_grid,change_version_of_adopted},
        {assignment,change_version_of_adopted}}'::text[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER data_version_insert AFTER INSERT ON %I'
            ' REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION %I()', change[1], change[2]);
    END LOOP;
END $$;

-- Cache key of a day: changes whenever a tile or a figure of the day may look different to the account, or the account
-- may see others. The present day is in it, too: counts of residents are renewed by month.
CREATE OR REPLACE FUNCTION day_cache_key(p_date date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    present_day constant date := today();
BEGIN
    RETURN encode(sha256(convert_to(concat_ws('|', (SELECT role FROM account WHERE id = own_id),
        (SELECT array_agg(c ORDER BY c) FROM unnest(communities_of(own_id, present_day)) c),
        (SELECT array_agg(s ORDER BY s) FROM unnest(whole_subdistricts_of(own_id, present_day)) s),
        (SELECT array_agg(g ORDER BY g) FROM unnest(grids_of(own_id, present_day)) g),
        (SELECT array_agg(v.version ORDER BY v.subdistrict_id) FROM data_version v
            WHERE v.subdistrict_id IN (SELECT s.subdistrict_id FROM scopes_of(own_id, present_day) s)),
        present_day, p_date), 'UTF8')), 'hex');
END $$;

-- Cache key of the names of places: changes whenever the account may find another name, or a place in another grid.
CREATE OR REPLACE FUNCTION names_cache_key() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT concat_ws('|', day_cache_key(today()), (SELECT array_agg(v.names_version ORDER BY v.subdistrict_id)
        FROM data_version v WHERE v.subdistrict_id = ANY (my_subdistricts())))
$$;
