-- Jobs as accounts see and change them, and as the attempt that runs one does. The queue itself is in jobs/queue.sql,
-- for the login of the runner only.

-- The job of the transaction's token, while its lease holds; no row otherwise.
CREATE OR REPLACE FUNCTION my_job()
RETURNS TABLE (id bigint, fence bigint, kind varchar, parameters jsonb, account_id bigint, subdistrict_id bigint,
               community_id bigint, language varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT j.id, j.fence, j.kind, j.parameters, j.account_id, j.subdistrict_id, j.community_id, a.language
    FROM job j LEFT JOIN account a ON a.id = j.account_id
    WHERE j.token_hash = token_fingerprint(nullif(current_setting('gridmap.session_token', true), ''))
        AND j.lease_expires_at > statement_timestamp()
$$;

-- Whether the transaction belongs to a running periodic task of a kind, which acts for no account.
CREATE OR REPLACE FUNCTION is_periodic_job(p_kind text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM my_job() j WHERE j.account_id IS NULL AND j.kind = p_kind) $$;

-- Adds a job of the account, and returns its key; that of the first one where the same form is sent again. NULL where
-- twenty jobs of the account wait or run already.
CREATE OR REPLACE FUNCTION submit_job(
    p_subdistrict_id bigint, p_community_id bigint, p_kind text, p_parameters jsonb, p_priority integer,
    p_max_attempts integer, p_request_key text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own_id constant bigint := my_account();
    job_id bigint;
BEGIN
    PERFORM require_permission(p_subdistrict_id = ANY (my_subdistricts())
        AND (p_community_id IS NULL OR is_in_my_scope(p_subdistrict_id, p_community_id) AND EXISTS (
            SELECT FROM community c WHERE c.id = p_community_id AND c.subdistrict_id = p_subdistrict_id)));
    PERFORM pg_advisory_xact_lock(hashtext('job'), (own_id % 2147483647)::integer); -- store/locks.py
    SELECT j.id INTO job_id FROM job j WHERE j.account_id = own_id AND j.request_key = p_request_key;
    IF job_id IS NULL AND (SELECT count(*) FROM job j WHERE j.account_id = own_id AND j.state IN ('queued', 'running'))
        < 20
    THEN
        INSERT INTO job (subdistrict_id, community_id, account_id, kind, parameters, priority, max_attempts,
                request_key)
            VALUES (p_subdistrict_id, p_community_id, own_id, p_kind, p_parameters, p_priority, p_max_attempts,
                p_request_key)
            RETURNING id INTO job_id;
    END IF;
    RETURN job_id;
END $$;

-- Cancels an own job, or any for the owner of the database: at once while it waits, at its next step while it runs.
-- Returns its state then; NULL where there is no such job.
CREATE OR REPLACE FUNCTION cancel_job(p_job_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    new_state text;
BEGIN
    UPDATE job j SET cancel_requested_at = coalesce(j.cancel_requested_at, clock_timestamp()),
        state = CASE j.state WHEN 'queued' THEN 'cancelled' ELSE j.state END,
        finished_at = CASE j.state WHEN 'queued' THEN clock_timestamp() END,
        seen_at = CASE j.state WHEN 'queued' THEN clock_timestamp() END
        WHERE j.id = p_job_id AND j.state IN ('queued', 'running') AND (j.account_id = my_account() OR is_owner())
        RETURNING j.state INTO new_state;
    RETURN coalesce(new_state, (SELECT j.state FROM job j
        WHERE j.id = p_job_id AND (j.account_id = my_account() OR is_owner())));
END $$;

-- Lets an own job that failed or was cancelled wait again, or any for the owner of the database. Returns whether it
-- does.
CREATE OR REPLACE FUNCTION retry_job(p_job_id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    UPDATE job j SET state = 'queued', attempts = 0, finished_at = NULL, seen_at = NULL, cancel_requested_at = NULL,
        failure = NULL, error = NULL, progress_step = NULL, progress_done = 0, progress_total = 0,
        not_before = clock_timestamp()
        WHERE j.id = p_job_id AND j.state IN ('failed', 'cancelled')
            AND (j.account_id = my_account() OR is_owner());
    RETURN FOUND;
END $$;

-- Notes that the account has seen how one of its jobs ended.
CREATE OR REPLACE FUNCTION mark_job_seen(p_job_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE job SET seen_at = clock_timestamp()
    WHERE id = p_job_id AND account_id = my_account() AND finished_at IS NOT NULL AND seen_at IS NULL
$$;

-- Jobs that have ended and whose end the account has not seen.
CREATE OR REPLACE FUNCTION count_unseen_jobs(p_account_id bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT count(*) FROM job WHERE account_id = p_account_id AND finished_at IS NOT NULL AND seen_at IS NULL
$$;

-- Jobs within the scopes of an admin, the newest first: who asked for what and how it goes, without its parameters, its
-- result and the message of its failure, which may name persons.
CREATE OR REPLACE FUNCTION administered_jobs(p_limit integer)
RETURNS TABLE (id bigint, kind varchar, state varchar, account_name varchar, created_at timestamptz,
               claimed_at timestamptz, finished_at timestamptz, attempts smallint, failure varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT j.id, j.kind, j.state, a.display_name, j.created_at, j.claimed_at, j.finished_at, j.attempts, j.failure
    FROM job j JOIN account a ON a.id = j.account_id
    WHERE my_role() = 'admin' AND j.subdistrict_id = ANY (my_subdistricts())
        AND is_in_my_scope(j.subdistrict_id, j.community_id)
    ORDER BY j.id DESC LIMIT p_limit
$$;

-- Notes how far the transaction's job is. Returns whether it goes on: not after a request to cancel it, and not if
-- another attempt has taken its place.
CREATE OR REPLACE FUNCTION report_job_progress(p_step jsonb, p_done integer, p_total integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    goes_on boolean;
BEGIN
    UPDATE job j SET progress_step = p_step, progress_done = p_done, progress_total = p_total
        FROM my_job() m WHERE j.id = m.id RETURNING j.cancel_requested_at IS NULL INTO goes_on;
    RETURN coalesce(goes_on, false);
END $$;

-- Completes the transaction's job, together with what the transaction has written. The fencing number and the token
-- must be those of the latest attempt, and the row stays locked until the commit: an attempt that was taken for dead
-- and wakes up commits nothing.
CREATE OR REPLACE FUNCTION complete_job(p_fence bigint, p_result jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(starts_with(current_setting('gridmap.session_token', true), 'job '));
    UPDATE job j SET state = 'done', result = p_result, finished_at = clock_timestamp(), token_hash = NULL,
        lease_expires_at = NULL, progress_done = j.progress_total
        WHERE j.token_hash = token_fingerprint(nullif(current_setting('gridmap.session_token', true), ''))
            AND j.fence = p_fence AND j.state = 'running' AND j.lease_expires_at > clock_timestamp()
            AND j.cancel_requested_at IS NULL
            AND (j.account_id IS NULL OR may_work(j.account_id, j.subdistrict_id, j.community_id));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the job is not this attempt''s any more' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END $$;

-- Whether an account may work at a place today: it is active, and a scope of it covers the place or a part of it.
CREATE OR REPLACE FUNCTION may_work(p_account_id bigint, p_subdistrict_id bigint, p_community_id bigint)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM account a, scopes_of(p_account_id, today()) s
        WHERE a.id = p_account_id AND a.active AND s.subdistrict_id = p_subdistrict_id
            AND (p_community_id IS NULL OR s.community_id IS NULL OR s.community_id = p_community_id))
$$;

-- Deletes what has had its time: files, drafts of imports, jobs that ended 30 days ago, and periodic tasks that ended
-- 3 days ago.
CREATE OR REPLACE FUNCTION clean_up_jobs() RETURNS TABLE (files bigint, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('clean_up'));
    DELETE FROM import_draft WHERE expires_at < clock_timestamp();
    WITH deleted AS (DELETE FROM stored_file WHERE expires_at < clock_timestamp() RETURNING id)
        SELECT count(*) INTO files FROM deleted;
    WITH deleted AS (
        DELETE FROM job WHERE finished_at < clock_timestamp()
            - CASE WHEN account_id IS NULL THEN interval '3 days' ELSE interval '30 days' END RETURNING id)
        SELECT count(*) INTO jobs FROM deleted;
    RETURN NEXT;
END $$;

-- Publishes the closed months and quarters of every subdistrict.
CREATE OR REPLACE FUNCTION publish_all_closed_counts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ BEGIN
    PERFORM require_permission(is_owner() OR is_periodic_job('publish_counts'));
    PERFORM publish_closed_counts(s.id) FROM subdistrict s ORDER BY s.id;
END $$;
