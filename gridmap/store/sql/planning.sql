-- What the people are called who made or approved plans of a subdistrict: names alone, for those who look at its plans.
CREATE OR REPLACE FUNCTION planned_by(home bigint) RETURNS TABLE (account_id bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT a.id, a.display_name FROM account a
    WHERE (acts_as_owner() OR (home = ANY (my_subdistricts()) AND my_role() <> 'worker'))
        AND (a.id IN (SELECT made_by FROM revision WHERE subdistrict_id = home)
            OR a.id IN (SELECT adopted_by FROM adoption WHERE subdistrict_id = home))
$$;
