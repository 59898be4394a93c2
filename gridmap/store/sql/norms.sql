-- Norms of grids: their history, the accounts that entered them, and the residents that a range in persons counts.

-- Trigger: a norm that was entered stays as history. Only its last day and its withdrawal are written later, once.
CREATE OR REPLACE FUNCTION keep_norm_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.withdrawn_at IS NULL AND lower(NEW.valid) = lower(OLD.valid)
            AND to_jsonb(NEW) - '{valid,withdrawn_at,withdrawn_by}'::text[]
                = to_jsonb(OLD) - '{valid,withdrawn_at,withdrawn_by}'::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'norms are history: end one and enter another' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE TRIGGER keep_norm_history BEFORE UPDATE OR DELETE ON norm
    FOR EACH ROW EXECUTE FUNCTION keep_norm_history();
CREATE OR REPLACE TRIGGER keep_every_norm BEFORE TRUNCATE ON norm
    FOR EACH STATEMENT EXECUTE FUNCTION keep_norm_history();

-- Trigger: each change of a norm by an account is in the audit. The owner's commands have no account.
CREATE OR REPLACE FUNCTION record_norm_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
BEGIN
    IF own_id IS NOT NULL THEN
        INSERT INTO audit (subdistrict_id, community_id, account_id, action, subject, subject_id, reason, details)
        VALUES (NEW.subdistrict_id, NEW.community_id, own_id, CASE WHEN TG_OP = 'INSERT' THEN 'norm_entered'
            WHEN NEW.withdrawn_at IS NOT NULL THEN 'norm_withdrawn' ELSE 'norm_ended' END,
            'norm', NEW.id, NEW.source, jsonb_build_object('minimum', NEW.minimum, 'maximum', NEW.maximum,
            'radius', NEW.max_radius_m, 'kind', NEW.household_kind, 'from', lower(NEW.valid),
            'to', upper(NEW.valid) - 1));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER record_norm_change AFTER INSERT OR UPDATE ON norm
    FOR EACH ROW EXECUTE FUNCTION record_norm_change();

-- Display names of the accounts that entered or withdrew norms of a subdistrict, for those who may change them.
CREATE OR REPLACE FUNCTION norm_authors(p_subdistrict_id bigint) RETURNS TABLE (account_id bigint, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH own AS (
        SELECT n.created_by, n.withdrawn_by FROM norm n WHERE n.subdistrict_id = p_subdistrict_id
            AND (is_owner() OR (SELECT my_role()) IN ('planner', 'admin')
                AND p_subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])
                AND (n.community_id IS NULL OR n.community_id = ANY ((SELECT my_communities())::bigint[]))))
    SELECT a.id, a.display_name FROM account a
    WHERE a.id IN (SELECT o.created_by FROM own o UNION SELECT o.withdrawn_by FROM own o)
$$;

-- Residents by which a second range in persons is judged: sums of statistical areas for every role, so that a grid has
-- one status for all readers and nobody learns more than the published sums. For revisions of the own communities.
CREATE OR REPLACE FUNCTION judged_residents(p_subdistrict_id bigint, p_date date, p_revisions bigint[])
RETURNS TABLE (revision_id bigint, grid_id bigint, residents bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    communities constant bigint[] := my_communities();
    own_revisions constant bigint[] := ARRAY(SELECT v.id FROM revision v WHERE v.id = ANY (p_revisions)
        AND v.subdistrict_id = p_subdistrict_id AND (is_owner() OR v.community_id = ANY (communities)));
BEGIN
    PERFORM count_areas_of_month(p_subdistrict_id);
    RETURN QUERY SELECT s.revision_id, s.grid_id, s.residents
        FROM area_residents_by_revision(p_subdistrict_id, p_date, own_revisions) s;
END $$;
