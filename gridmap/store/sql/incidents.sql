-- Numbers that people quote: the day and a count. Whoever reports sees few of the others, so the database counts.

-- The next number of today in a subdistrict of the account; nobody else gets one before the transaction ends.
CREATE OR REPLACE FUNCTION next_incident_number(home bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE stem text := to_char(today(), 'YYYYMMDD') || '-';
BEGIN
    IF NOT home = ANY (my_subdistricts()) THEN
        RAISE EXCEPTION 'not a subdistrict of the account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('incident'), (home % 2147483647)::integer);
    RETURN stem || lpad((1 + coalesce(max(substr(number, length(stem) + 1)::integer), 0))::text, 4, '0')
        FROM incident WHERE subdistrict_id = home AND number ~ ('^' || stem || '\d{4,8}$');
END $$;
