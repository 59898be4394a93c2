"""Result of a job for its page: where it is, or what its owner still has to decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from gridmap.core.errors import N_, Message
from gridmap.services.jobs.jobs import JobRow

SAVED = N_("The partition is saved as a new revision. It is not in force before it is approved.")
FOUND = N_("Plans from today's grids are found. Nothing is saved before you choose one of them.")
NOTHING_BETTER = N_("No plan is better than today's grids. Nothing was changed.")
WAITS = N_(
    "The partition is done and waits: another user has saved a newer revision meanwhile. Look at that revision first;"
    " then save this partition after it, or leave it."
)

ALL_SAVED = N_("Partitions of {count} communities are saved as new revisions. None is in force before it is approved.")
SOME_SAVED = N_(
    "Partitions of {count} communities are saved as new revisions. Not these, which have no land or a newer revision of"
    " others: {names}."
)
IMPORTED = N_("The sheet is imported.")
CHANGED_MEANWHILE = N_(
    "Nothing was imported: the database has changed since the sheet was compared with it. Look at the new comparison,"
    " then import it."
)
UNDONE = N_("The import is undone. Every row has the values that it had before.")

FILE_WAITS = N_("The file is ready. It waits here for 30 days, for you only.")
FILE_GONE = N_("The file has had its time and was deleted. Ask for it again.")
PREVIEWED = N_("The preview is done. Nothing was changed.")
FETCHED = N_("The picture of Tianditu is stored, and has placed itself.")
REBUILT = N_("The land is built anew and holds from today on. Standing buildings keep their grids.")


@dataclass(frozen=True)
class ResultLink:
    """Link to the result of a job, or to what belongs to it."""

    title: str
    url: str


@dataclass(frozen=True)
class JobResult:
    """Result of a job that is done.

    Parameters
    ----------
    text : Message, optional
        What came of it.
    links : sequence of ResultLink
    action : ResultLink, optional
        Form without fields that the owner may send: the address takes a POST.
    is_open : bool
        Whether the owner has to decide something; the page does not go on to the result then.
    is_file : bool
        Whether the result is a file: the page stays, and offers it.
    """

    text: Message | None = None
    links: Sequence[ResultLink] = ()
    action: ResultLink | None = None
    is_open: bool = False
    is_file: bool = False

    @property
    def target_url(self) -> str | None:
        """Return the page that shows the result at once; None for a file, and where something is to be decided."""
        return self.links[0].url if self.links and not (self.is_open or self.is_file) else None


def describe_result(job: JobRow) -> JobResult:
    """Return the result of a job that is done."""
    view = RESULT_VIEWS.get(job.kind)
    return view(job) if view and job.result is not None else JobResult()


def describe_gone_file() -> JobResult:
    """Return the result of a job whose file was deleted."""
    return JobResult(Message(FILE_GONE), is_open=True)


def _partition_result(job: JobRow) -> JobResult:
    values = job.result or {}
    community_id = values["community_id"]
    if "revision_id" in values:
        url = url_for("planner.community", community_id=community_id, revision=values["revision_id"])
        return JobResult(Message(SAVED), [ResultLink(N_("Show the revision"), url)])
    newer_url = url_for("planner.community", community_id=community_id)
    return JobResult(
        Message(WAITS),
        [ResultLink(N_("Show the latest revision"), newer_url)],
        ResultLink(
            N_("Save this partition after the latest revision"),
            url_for("planner.save_waiting_partition", job_id=job.id),
        ),
        is_open=True,
    )


def _repartition_result(job: JobRow) -> JobResult:
    plans = (job.result or {})["plans"]
    url = url_for("planner.show_repartition", job_id=job.id)
    is_better = any(plan["file_id"] is not None for plan in plans)
    return JobResult(Message(FOUND if is_better else NOTHING_BETTER), [ResultLink(N_("Show the plans"), url)])


def _partition_all_result(job: JobRow) -> JobResult:
    values = job.result or {}
    links = [ResultLink(N_("Show the plans"), url_for("planner.index"))]
    if not values["skipped"]:
        return JobResult(Message(ALL_SAVED, {"count": values["saved"]}), links)
    skipped = "、".join(values["skipped"])
    return JobResult(Message(SOME_SAVED, {"count": values["saved"], "names": skipped}), links, is_open=True)


def _import_read_result(job: JobRow) -> JobResult:
    url = url_for("imports.draft", import_draft_id=(job.result or {})["draft_id"])
    return JobResult(None, [ResultLink(N_("Show what was recognised"), url)])


def _import_apply_result(job: JobRow) -> JobResult:
    values = job.result or {}
    if "run_id" in values:
        url = url_for("imports.run", import_run_id=values["run_id"])
        return JobResult(Message(IMPORTED), [ResultLink(N_("Show the import"), url)])
    url = url_for("imports.draft", import_draft_id=values["draft_id"])
    return JobResult(Message(CHANGED_MEANWHILE), [ResultLink(N_("Show the new comparison"), url)], is_open=True)


def _import_undo_result(job: JobRow) -> JobResult:
    url = url_for("imports.run", import_run_id=(job.result or {})["run_id"])
    return JobResult(Message(UNDONE), [ResultLink(N_("Show the import"), url)])


def find_origin(job: JobRow) -> ResultLink | None:
    """Return the page to which a failed job leads back; None if it has none."""
    if job.kind in {"import_read", "import_apply"}:
        url = url_for("imports.draft", import_draft_id=job.parameters["draft_id"])
        return ResultLink(N_("Back to the sheet"), url)
    if job.kind == "repartition":
        url = url_for("planner.community", community_id=job.parameters["community_id"], _anchor="partition")
        return ResultLink(N_("Back to the community"), url)
    if job.kind == "import_undo":
        return ResultLink(N_("Show the import"), url_for("imports.run", import_run_id=job.parameters["run_id"]))
    if job.kind == "fetch_tianditu":
        return ResultLink(N_("Back to the form"), url_for("planner.new_tianditu_picture", **job.parameters))
    return None


def _rebuild_result(job: JobRow) -> JobResult:
    values = job.result or {}
    community_id = values["community_id"]
    if values["preview"]:
        url = url_for("planner.new_land_rebuild", community_id=community_id, job_id=job.id)
        return JobResult(Message(PREVIEWED), [ResultLink(N_("Show the preview"), url)])
    url = url_for("planner.list_lands", community_id=community_id)
    return JobResult(Message(REBUILT), [ResultLink(N_("Show what changed"), url)])


def _fetch_tianditu_result(job: JobRow) -> JobResult:
    url = url_for("planner.edit_picture", picture_id=(job.result or {})["picture_id"])
    return JobResult(Message(FETCHED), [ResultLink(N_("Show the picture"), url)])


def _file_result(job: JobRow) -> JobResult:
    url = url_for("jobs.download_file", job_id=job.id)
    return JobResult(Message(FILE_WAITS), [ResultLink(N_("Download the file"), url)], is_file=True)


RESULT_VIEWS: Mapping[str, Callable[[JobRow], JobResult]] = {
    "partition": _partition_result,
    "repartition": _repartition_result,
    "partition_all": _partition_all_result,
    "import_read": _import_read_result,
    "import_apply": _import_apply_result,
    "import_undo": _import_undo_result,
    "rebuild_land": _rebuild_result,
    "fetch_tianditu": _fetch_tianditu_result,
    "export_plan": _file_result,
    "export_tables": _file_result,
    "print_sheets": _file_result,
    "print_notice_boards": _file_result,
}
"""Function from a job that is done to its result, by the kind of the job."""
