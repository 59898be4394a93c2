-- Accounts are changed by these functions only, and each leaves its row in the audit.

-- The owner of the database, who acts for nobody; the application's login is never that.
CREATE OR REPLACE FUNCTION acts_as_owner() RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$ SELECT pg_has_role(session_user, 'gridmap_reader', 'MEMBER') $$;

-- Whether an admin answers for an account: it works within the admin's subdistricts, and nowhere else now or later. Of
-- one that works nowhere any more, where it worked decides.
CREATE OR REPLACE FUNCTION governs(whose bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT acts_as_owner() OR my_role() = 'admin' AND (
        SELECT coalesce(bool_and(mine) FILTER (WHERE NOT over), bool_and(mine), false) FROM (
            SELECT subdistrict_id = ANY (my_subdistricts()) AS mine, valid << daterange(today(), NULL) AS over
            FROM account_scope WHERE account_id = whose) AS places)
$$;

CREATE OR REPLACE FUNCTION refuse_unless(allowed boolean) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION 'not allowed to this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Where an account's role holds, and for how long.
CREATE OR REPLACE FUNCTION give_scope(whose bigint, subdistrict bigint, community bigint, grid bigint, days daterange)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM refuse_unless(acts_as_owner() OR governs(whose) AND subdistrict = ANY (my_subdistricts()));
    INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid)
        VALUES (whose, subdistrict, community, grid, days) RETURNING id INTO made;
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
        VALUES (subdistrict, my_account(), 'scope_given', 'account', whose, jsonb_strip_nulls(jsonb_build_object(
            'community', community, 'grid', grid, 'from', lower(days), 'until', upper(days) - 1)));
    RETURN made;
END $$;

-- The whole of an account at once: without a scope no admin could even see it.
CREATE OR REPLACE FUNCTION make_account(wanted text, shown text, kind text, hash text, subdistrict bigint,
                                        community bigint, grid bigint, days daterange)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM refuse_unless(acts_as_owner() OR my_role() = 'admin' AND subdistrict = ANY (my_subdistricts()));
    INSERT INTO account (name, display_name, role) VALUES (wanted, shown, kind) RETURNING id INTO made;
    INSERT INTO credential (account_id, password) VALUES (made, hash);
    INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid)
        VALUES (made, subdistrict, community, grid, days);
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, details)
        VALUES (subdistrict, my_account(), 'account_made', 'account', made, jsonb_build_object('role', kind));
    RETURN made;
END $$;

-- A scope ends with yesterday: what has not begun, or began today, never was.
CREATE OR REPLACE FUNCTION end_scope(which bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    ended account_scope;
BEGIN
    SELECT * INTO ended FROM account_scope WHERE id = which;
    PERFORM refuse_unless(governs(ended.account_id));
    DELETE FROM account_scope WHERE id = which AND lower(valid) >= today();
    UPDATE account_scope SET valid = daterange(lower(valid), today()) WHERE id = which AND valid @> today();
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id)
        VALUES (ended.subdistrict_id, my_account(), 'scope_ended', 'account', ended.account_id);
END $$;

-- One's own password, or that of an account one answers for, which then has to be changed. Every browser of the account is
-- signed out, and waiting after failed attempts is over.
DROP FUNCTION IF EXISTS set_password(bigint, text);
CREATE OR REPLACE FUNCTION set_password(whose bigint, hash text, from_address inet) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own boolean := coalesce(whose = my_account(), false);
BEGIN
    PERFORM refuse_unless(own OR governs(whose));
    UPDATE credential SET password = hash, must_change = NOT own, changed_at = clock_timestamp()
        WHERE account_id = whose;
    DELETE FROM web_session WHERE account_id = whose;
    DELETE FROM sign_in_brake WHERE mark = (SELECT name_mark(name) FROM account WHERE id = whose);
    PERFORM note_account(CASE WHEN own THEN 'password_changed' ELSE 'password_reset' END, whose, my_account(), '{}',
        from_address);
END $$;

CREATE OR REPLACE FUNCTION set_active(whose bigint, working boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM refuse_unless(governs(whose) AND whose IS DISTINCT FROM my_account());
    UPDATE account SET active = working WHERE id = whose;
    DELETE FROM web_session WHERE account_id = whose;
    PERFORM note_account(CASE WHEN working THEN 'account_activated' ELSE 'account_deactivated' END, whose,
        my_account(), '{}', NULL);
END $$;

CREATE OR REPLACE FUNCTION set_language(wanted text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ UPDATE account SET language = wanted WHERE id = my_account() $$;

-- What somebody did or saw, in the name of the account that the transaction acts for, and at the time it is.
CREATE OR REPLACE FUNCTION note(deed text, home bigint, kind text, which bigint, why text, more jsonb, from_address inet)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM refuse_unless(acts_as_owner() OR my_role() IS NOT NULL
        AND (home IS NULL OR home = ANY (my_subdistricts())));
    INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, reason, details, address)
        VALUES (home, my_account(), deed, kind, which, why, more, from_address);
END $$;

-- Whether an account of a name exists, of whichever subdistrict; asked by admins only.
CREATE OR REPLACE FUNCTION name_taken(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT (acts_as_owner() OR my_role() = 'admin') AND EXISTS (SELECT FROM account WHERE name = wanted)
$$;
