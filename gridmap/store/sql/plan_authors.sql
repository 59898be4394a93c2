-- Display names of the accounts that created or approved plans of a subdistrict, for accounts that see its plans.
CREATE OR REPLACE FUNCTION plan_authors(p_subdistrict_id bigint) RETURNS TABLE (account_id bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.id, a.display_name FROM account a
    WHERE (is_owner() OR (p_subdistrict_id = ANY (my_subdistricts()) AND my_role() <> 'worker'))
        AND (a.id IN (SELECT created_by FROM revision WHERE subdistrict_id = p_subdistrict_id)
            OR a.id IN (SELECT adopted_by FROM adoption WHERE subdistrict_id = p_subdistrict_id))
$$;
