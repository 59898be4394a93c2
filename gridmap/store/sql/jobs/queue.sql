-- The queue of jobs, for the login of the runner only. It sees no parameters and no results: the attempt that does the
-- work reads them by the token of the job, and has the rights of the job's account and no others.

-- Ends attempts without a sign of life: the job waits again, or has failed after its last attempt.
CREATE OR REPLACE FUNCTION end_lost_attempts() RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    UPDATE job j SET
        state = CASE WHEN j.cancel_requested_at IS NOT NULL THEN 'cancelled'
            WHEN j.attempts >= j.max_attempts THEN 'failed' ELSE 'queued' END,
        failure = CASE WHEN j.cancel_requested_at IS NULL AND j.attempts >= j.max_attempts THEN 'interrupted' END,
        finished_at = CASE WHEN j.cancel_requested_at IS NOT NULL OR j.attempts >= j.max_attempts
            THEN clock_timestamp() END,
        token_hash = NULL, lease_expires_at = NULL
    WHERE j.id IN (SELECT l.id FROM job l WHERE l.state = 'running' AND l.lease_expires_at < clock_timestamp()
        FOR UPDATE SKIP LOCKED)
$$;

-- Ends waiting jobs of accounts that may not work at their place any more.
CREATE OR REPLACE FUNCTION fail_jobs_without_account() RETURNS void
LANGUAGE sql SET search_path = public, pg_temp
AS $$
    UPDATE job j SET state = 'failed', failure = 'account_ended', finished_at = clock_timestamp()
    WHERE j.id IN (SELECT w.id FROM job w WHERE w.state = 'queued' AND w.not_before <= clock_timestamp()
            AND w.account_id IS NOT NULL AND NOT may_work(w.account_id, w.subdistrict_id, w.community_id)
        FOR UPDATE SKIP LOCKED)
$$;

-- Begins the next job: no row where none waits. Subdistricts take turns, then accounts within a subdistrict: first who
-- has the fewest jobs running, then whose last job was begun first. Periodic tasks take turns as one more subdistrict.
CREATE OR REPLACE FUNCTION claim_job(p_runner text, p_token_hash bytea, p_lease_s integer)
RETURNS TABLE (job_id bigint, fence bigint, kind varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM job w WHERE w.state IN ('queued', 'running')) THEN
        RETURN;
    END IF;
    PERFORM end_lost_attempts();
    PERFORM fail_jobs_without_account();
    SELECT w.id INTO job_id FROM job w
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.subdistrict_id IS NOT DISTINCT FROM w.subdistrict_id)
                AS in_subdistrict, count(*) FILTER (WHERE r.account_id = w.account_id) AS of_account
            FROM job r WHERE r.state = 'running') AS running
        WHERE w.state = 'queued' AND w.not_before <= clock_timestamp()
        ORDER BY running.in_subdistrict,
            (SELECT max(o.claimed_at) FROM job o WHERE o.subdistrict_id = w.subdistrict_id) NULLS FIRST,
            running.of_account, (SELECT max(o.claimed_at) FROM job o WHERE o.account_id = w.account_id) NULLS FIRST,
            w.priority, w.id
        LIMIT 1 FOR UPDATE OF w SKIP LOCKED;
    IF job_id IS NULL THEN
        RETURN;
    END IF;
    UPDATE job j SET state = 'running', claimed_at = clock_timestamp(), attempts = j.attempts + 1, runner = p_runner,
        fence = coalesce(j.fence, 0) + 1, token_hash = p_token_hash, progress_step = NULL, progress_done = 0,
        progress_total = 0, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_s)
        WHERE j.id = claim_job.job_id RETURNING j.fence, j.kind INTO fence, kind;
    RETURN NEXT;
END $$;

-- Runners that have attempts at work, by their names.
CREATE OR REPLACE FUNCTION busy_runners() RETURNS SETOF varchar
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT j.runner FROM job j WHERE j.state = 'running' AND j.runner IS NOT NULL ORDER BY 1 $$;

-- Ends the leases of runners that have died, so that their jobs need not wait for that. An attempt that is alive after
-- all finds its token void and commits nothing.
CREATE OR REPLACE FUNCTION end_leases(p_runners text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    UPDATE job SET lease_expires_at = clock_timestamp() WHERE state = 'running' AND runner = ANY (p_runners)
        AND lease_expires_at > clock_timestamp()
$$;

-- Extends the lease of an attempt that is alive, and returns what becomes of it: continue, cancel, account_ended, or
-- lost where another attempt has taken its place.
CREATE OR REPLACE FUNCTION renew_job(p_job_id bigint, p_fence bigint, p_lease_s integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    verdict text;
BEGIN
    UPDATE job j SET lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_s)
        WHERE j.id = p_job_id AND j.fence = p_fence AND j.state = 'running'
            AND j.lease_expires_at > clock_timestamp()
        RETURNING CASE
            WHEN j.cancel_requested_at IS NOT NULL THEN 'cancel'
            WHEN j.account_id IS NOT NULL AND NOT may_work(j.account_id, j.subdistrict_id, j.community_id)
                THEN 'account_ended'
            ELSE 'continue' END INTO verdict;
    RETURN coalesce(verdict, 'lost');
END $$;

-- Ends an attempt that did not complete its job. Outcomes: cancelled; failed, with a reason; interrupted, which repeats
-- the job after a delay or fails it after its last attempt; released, which does not count as an attempt. An attempt
-- whose place another one has taken changes nothing.
CREATE OR REPLACE FUNCTION end_attempt(
    p_job_id bigint, p_fence bigint, p_outcome text, p_failure text, p_error jsonb, p_delay_s integer
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    outcome text := p_outcome;
    running job;
BEGIN
    SELECT * INTO running FROM job j WHERE j.id = p_job_id AND j.fence = p_fence AND j.state = 'running' FOR UPDATE;
    IF outcome IN ('interrupted', 'released') AND running.cancel_requested_at IS NOT NULL THEN
        outcome := 'cancelled';
    ELSIF outcome = 'interrupted' AND running.attempts >= running.max_attempts THEN
        outcome := 'failed';
    END IF;
    UPDATE job j SET token_hash = NULL, lease_expires_at = NULL,
        state = CASE WHEN outcome IN ('cancelled', 'failed') THEN outcome ELSE 'queued' END,
        finished_at = CASE WHEN outcome IN ('cancelled', 'failed') THEN clock_timestamp() END,
        failure = CASE outcome WHEN 'failed' THEN coalesce(p_failure, 'interrupted') END,
        error = CASE outcome WHEN 'failed' THEN p_error END,
        attempts = j.attempts - CASE outcome WHEN 'released' THEN 1 ELSE 0 END,
        not_before = clock_timestamp() + make_interval(secs => p_delay_s)
        WHERE j.id = running.id;
END $$;

-- Adds a job for every periodic task whose present period has none, over all hosts: the row of the task is locked. A
-- task whose last job still waits or runs is not doubled.
CREATE OR REPLACE FUNCTION add_periodic_jobs() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    zone constant text := coalesce((SELECT time_zone FROM installation), 'UTC');
    task record;
    new_job_id bigint;
BEGIN
    FOR task IN
        SELECT p.kind, d.present FROM periodic_task p CROSS JOIN LATERAL (SELECT date_bin(p.period,
            now() AT TIME ZONE zone, timestamp '2000-01-01' + p.starts_after) AT TIME ZONE zone AS present) AS d
        WHERE (p.last_period IS NULL OR p.last_period < d.present)
            AND NOT EXISTS (SELECT FROM job j WHERE j.id = p.job_id AND j.state IN ('queued', 'running'))
        FOR UPDATE OF p SKIP LOCKED
    LOOP
        INSERT INTO job (kind) VALUES (task.kind) RETURNING id INTO new_job_id;
        UPDATE periodic_task SET last_period = task.present, job_id = new_job_id WHERE kind = task.kind;
    END LOOP;
END $$;

INSERT INTO periodic_task (kind, period, starts_after) VALUES
    ('clean_up', '1 hour', '0'),
    ('hand_over_cases', '5 minutes', '0'),
    ('publish_counts', '1 day', '2 hours'),
    ('statistical_areas', '1 day', '2 hours')
    ON CONFLICT (kind) DO UPDATE SET period = excluded.period, starts_after = excluded.starts_after;
