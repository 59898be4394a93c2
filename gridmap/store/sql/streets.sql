-- Streets of an import: some of a subdistrict are removed, and the others of the lists get a name and kind, or, with
-- the key 0, are new with a line. Returns the keys of the new ones in their order. For the owner, and for the job that
-- imports a file for a planner of the whole subdistrict.
CREATE OR REPLACE FUNCTION import_streets(
    p_subdistrict_id bigint, p_removed_street_ids bigint[], p_street_ids bigint[], p_names text[], p_kinds text[],
    p_lines geometry[]
) RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR my_role() = 'planner'
        AND starts_with(coalesce(current_setting('gridmap.session_token', true), ''), 'job ')
        AND p_subdistrict_id = ANY (my_whole_subdistricts())
        AND EXISTS (SELECT FROM my_job() j WHERE j.kind = 'import_apply' AND j.subdistrict_id = p_subdistrict_id));
    DELETE FROM street WHERE subdistrict_id = p_subdistrict_id AND id = ANY (p_removed_street_ids);
    UPDATE street s SET name = c.name, kind = c.kind FROM unnest(p_street_ids, p_names, p_kinds) c (id, name, kind)
        WHERE s.id = c.id AND s.subdistrict_id = p_subdistrict_id;
    RETURN QUERY INSERT INTO street (subdistrict_id, name, kind, geometry)
        SELECT p_subdistrict_id, c.name, c.kind, c.line
        FROM unnest(p_street_ids, p_names, p_kinds, p_lines) WITH ORDINALITY c (id, name, kind, line, n)
        WHERE c.id = 0 ORDER BY c.n RETURNING street.id;
END $$;
