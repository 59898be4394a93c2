-- Stored files: uploads of accounts and results of jobs. Their owner alone reads them, by row-level security; they are
-- written and discarded by these functions.

-- Begins a file of the account and returns its key; its parts follow in the same transaction. NULL where the files of
-- the account would have more than a gibibyte.
CREATE OR REPLACE FUNCTION begin_stored_file(
    p_subdistrict_id bigint, p_purpose text, p_name text, p_media_type text, p_size_bytes bigint, p_sha256 bytea,
    p_key_encrypted bytea, p_lifetime interval
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    file_id bigint;
BEGIN
    PERFORM require_permission(p_subdistrict_id = ANY (my_subdistricts()) AND p_lifetime <= interval '30 days');
    PERFORM pg_advisory_xact_lock(hashtext('job'), (own_id % 2147483647)::integer); -- store/locks.py
    IF p_size_bytes + (SELECT coalesce(sum(f.size_bytes), 0) FROM stored_file f WHERE f.account_id = own_id) <= 2^30
    THEN
        INSERT INTO stored_file (subdistrict_id, account_id, purpose, name, media_type, size_bytes, sha256,
                key_encrypted, expires_at)
            VALUES (p_subdistrict_id, own_id, p_purpose, p_name, p_media_type, p_size_bytes, p_sha256,
                p_key_encrypted, transaction_timestamp() + p_lifetime)
            RETURNING id INTO file_id;
    END IF;
    RETURN file_id;
END $$;

-- Adds a part to a file that the same transaction has begun.
CREATE OR REPLACE FUNCTION add_stored_file_chunk(p_file_id bigint, p_number integer, p_content bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    INSERT INTO stored_file_chunk (stored_file_id, number, subdistrict_id, content)
        SELECT f.id, p_number, f.subdistrict_id, p_content FROM stored_file f
        WHERE f.id = p_file_id AND f.account_id = my_account() AND f.created_at = transaction_timestamp();
    PERFORM require_permission(FOUND);
END $$;

-- Deletes a file of the account; returns whether there was one.
CREATE OR REPLACE FUNCTION discard_stored_file(p_file_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    DELETE FROM stored_file WHERE id = p_file_id AND account_id = my_account();
    RETURN FOUND;
END $$;
