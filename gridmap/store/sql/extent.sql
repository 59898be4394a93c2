-- Which part of a subdistrict an account works in.

-- Of a worker the communities of the own grids; of others those of the scope, or all where it names none.
CREATE OR REPLACE FUNCTION my_communities() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT c.id), '{}')
    FROM community c JOIN account_scope s ON s.subdistrict_id = c.subdistrict_id
        AND s.account_id = my_account() AND s.valid @> today()
    WHERE CASE (SELECT my_role())
        WHEN 'worker' THEN c.id IN (SELECT community_id FROM grid WHERE id = ANY ((SELECT my_grids())::bigint[]))
        ELSE (SELECT my_role()) IS NOT NULL AND (s.community_id IS NULL OR s.community_id = c.id) END);
END $$;
