-- Trigger: an adoption that has begun keeps its revision and its first day; the owner may correct it, and land that is
-- built anew brings the same plan on the new land.
CREATE OR REPLACE FUNCTION keep_begun_adoption() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    IF lower(OLD.valid) <= today() AND NOT is_owner() AND OLD.community_id <> ALL (my_rebuilt_communities())
        AND (NEW.revision_id <> OLD.revision_id OR lower(NEW.valid) <> lower(OLD.valid)) THEN
        RAISE EXCEPTION 'an adoption that has begun is not replaced' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER keep_begun_adoption BEFORE UPDATE ON adoption
    FOR EACH ROW EXECUTE FUNCTION keep_begun_adoption();

-- Display names of the accounts that created or approved plans of a subdistrict, for accounts that see the plans.
CREATE OR REPLACE FUNCTION plan_authors(p_subdistrict_id bigint) RETURNS TABLE (account_id bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH authors AS (
        SELECT created_by AS id, community_id FROM revision WHERE subdistrict_id = p_subdistrict_id
        UNION
        SELECT adopted_by, community_id FROM adoption WHERE subdistrict_id = p_subdistrict_id)
    SELECT a.id, a.display_name FROM account a
    WHERE a.id IN (SELECT w.id FROM authors w WHERE is_owner()
        OR ((SELECT my_role()) <> 'worker' AND w.community_id = ANY ((SELECT my_communities())::bigint[])))
$$;
