-- The first day: whole subdistricts without land, which their planners fill once, and the boundaries of these.

-- Whole subdistricts of a planner that have no land from before this transaction. The policies of the tables that are
-- filled on the first day ask for them. Land of accounts bears the time of its transaction, by its policy.
CREATE OR REPLACE FUNCTION my_unbuilt_subdistricts() RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    IF my_role() IS DISTINCT FROM 'planner' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT s.id FROM unnest(my_whole_subdistricts()) s (id) WHERE NOT EXISTS (
        SELECT FROM land l WHERE l.subdistrict_id = s.id AND l.created_at < transaction_timestamp()));
END $$;

-- Draws the boundaries of a subdistrict without land and of its communities, and writes the audit of it. Planners have
-- no other way to change a boundary.
CREATE OR REPLACE FUNCTION draw_first_boundaries(
    p_subdistrict_id bigint, p_boundary geometry, p_source text, p_community_ids bigint[], p_boundaries geometry[],
    p_buildings integer, p_ip_address inet
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR p_subdistrict_id = ANY (my_unbuilt_subdistricts()));
    UPDATE subdistrict SET geometry = p_boundary, source = p_source WHERE id = p_subdistrict_id;
    UPDATE community c SET geometry = b.geometry
        FROM unnest(p_community_ids, p_boundaries) b (id, geometry)
        WHERE c.id = b.id AND c.subdistrict_id = p_subdistrict_id;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details, ip_address)
        VALUES (p_subdistrict_id, my_account(), 'build_land', 'subdistrict', p_subdistrict_id,
            jsonb_build_object('communities', cardinality(p_community_ids), 'buildings', p_buildings), p_ip_address);
END $$;
