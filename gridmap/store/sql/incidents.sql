-- Incident numbers that people quote: the date and a count. An account that reports sees few of the other incidents, so
-- the database counts them.

-- The next number of today in a subdistrict of the account. No other transaction gets one before this one ends.
CREATE OR REPLACE FUNCTION next_incident_number(p_subdistrict_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE date_prefix text := to_char(today(), 'YYYYMMDD') || '-';
BEGIN
    IF NOT p_subdistrict_id = ANY (my_subdistricts()) THEN
        RAISE EXCEPTION 'not a subdistrict of the account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('incident'), (p_subdistrict_id % 2147483647)::integer); -- see store/locks.py
    RETURN date_prefix || lpad((1 + coalesce(max(substr(number, length(date_prefix) + 1)::integer), 0))::text, 4, '0')
        FROM incident WHERE subdistrict_id = p_subdistrict_id AND number ~ ('^' || date_prefix || '\d{4,8}$');
END $$;
