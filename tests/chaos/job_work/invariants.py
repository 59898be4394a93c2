"""Invariants after kills: nothing partial, nothing acknowledged lost, nothing done twice."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.benchmarks.harness.measure import Row
from tests.chaos.job_work.workload import ROWS_OF_SHEET, Acknowledged

JOBS = text("""
    SELECT j.id, j.kind, j.state, j.attempts, j.failure, j.result,
        (SELECT count(*) FROM revision r WHERE r.note = j.parameters->>'note') AS revisions,
        (SELECT count(*) FROM land l WHERE l.note = j.parameters->>'note') AS lands
    FROM job j WHERE j.account_id IS NOT NULL ORDER BY j.id
""")
FAULTS = {
    "partial plans": "SELECT count(*) FROM revision r WHERE (SELECT count(*) FROM assignment a"
    " WHERE a.revision_id = r.id) <> (SELECT count(*) FROM cell c WHERE c.land_id = r.land_id)",
    "partial lands": "SELECT count(*) FROM land l WHERE l.holds_from IS NOT NULL AND (l.report IS NULL OR (SELECT"
    " count(*) FROM building_cell s WHERE s.land_id = l.id) <> (SELECT count(*) FROM building b"
    " WHERE b.community_id = l.community_id AND b.valid @> l.holds_from))",
    "places on a land before": "SELECT count(*) FROM incident i JOIN cell c ON c.id = i.cell_id WHERE c.land_id <>"
    " (SELECT max(l.id) FROM land l WHERE l.community_id = c.community_id)",
    "gaps between adoptions": "SELECT count(*) FROM (SELECT lower(valid) AS first, lag(upper(valid)) OVER"
    " (PARTITION BY community_id ORDER BY valid) AS before FROM adoption) a WHERE a.before <> a.first",
    "communities without a plan in force": "SELECT count(*) FROM community c WHERE NOT EXISTS"
    " (SELECT FROM adoption a WHERE a.community_id = c.id AND a.valid @> today())",
    "half sheets": "SELECT count(*) FROM (SELECT substring(name FROM '^sheet [0-9]+') FROM shop"
    f" WHERE name ~ '^sheet [0-9]+ shop' GROUP BY 1 HAVING count(*) <> {ROWS_OF_SHEET}) s",
    "sheets without their record": "SELECT abs((SELECT count(*) FROM import_run WHERE source ~ '^register')"
    " - (SELECT count(DISTINCT substring(name FROM '^sheet [0-9]+')) FROM shop WHERE name ~ '^sheet [0-9]+ shop'))",
}
"""Queries whose number must be 0."""
IMPORTED = text(
    "SELECT DISTINCT substring(name FROM '^sheet ([0-9]+)')::integer FROM shop WHERE name ~ '^sheet [0-9]+'"
)
DESCENDANTS = text("""
    WITH RECURSIVE later AS (
        SELECT r.id FROM revision r WHERE r.id = :revision_id
        UNION ALL SELECT r.id FROM revision r JOIN later l ON r.parent_id = l.id
    )
    SELECT count(*) FROM adoption a JOIN later l ON l.id = a.revision_id WHERE lower(a.valid) = :effective_date
""")
"""A revision that was approved, or the one that land built anew has put in its place."""


def count_faults(session: Session, acknowledged: Acknowledged) -> Row:
    """Return the number of each fault."""
    jobs = session.execute(JOBS).all()
    faults: Row = {name: int(session.execute(text(query)).scalar_one()) for name, query in FAULTS.items()}
    faults["acknowledged jobs lost"] = len(acknowledged.job_ids - {job.id for job in jobs})
    faults["acknowledged sheets lost"] = len(acknowledged.sheets - set(session.scalars(IMPORTED)))
    faults["acknowledged approvals lost"] = sum(
        not session.execute(DESCENDANTS, vars(each)).scalar_one() for each in acknowledged.adoptions
    )
    faults["jobs done twice or in part"] = sum(not _is_whole(job) for job in jobs)
    faults["jobs that have not ended"] = sum(job.state in ("queued", "running") for job in jobs)
    faults["jobs failed by a fault of the program"] = sum(job.failure == "internal" for job in jobs)
    return faults


def summarise_jobs(session: Session) -> Iterator[Row]:
    """Yield a row for each kind of jobs: how they ended, and how many were repeated."""
    jobs = session.execute(JOBS).all()
    for kind in sorted({job.kind for job in jobs}):
        of_kind = [job for job in jobs if job.kind == kind]
        states = Counter(job.state for job in of_kind)
        failures = Counter(job.failure for job in of_kind if job.failure)
        values: Row = {state: states[state] for state in ("done", "failed")}
        yield {"jobs": kind, **values, "repeated": sum(job.attempts > 1 for job in of_kind), "failures": dict(failures)}


def _is_whole(job: Any) -> bool:
    """Return whether a job has saved exactly what it says: once if it is done, and nothing otherwise."""
    result = job.result or {}
    is_done = job.state == "done"
    if job.kind == "rebuild_land":
        return bool(job.lands == int(is_done))
    if job.kind == "partition_all":
        return bool(job.revisions == (result["saved"] if is_done else 0))
    return bool(job.revisions == int(is_done and "revision_id" in result))
