"""Inbox of cases by urgency with its filters, and the notices of the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flask import abort, render_template, request
from pydantic import Field

from gridmap.core.cases.machine import OPEN_STATES
from gridmap.core.vocabulary import Role
from gridmap.services.cases import cases as case_services
from gridmap.services.cases.cases import CaseFilter, CaseRow, Inbox, OpenCounts
from gridmap.services.grids import overview
from gridmap.services.grids.overview import SubdistrictRow
from gridmap.services.incidents import categories
from gridmap.services.places import places
from gridmap.services.places.places import CommunityRow
from gridmap.web import context
from gridmap.web.access import login_required
from gridmap.web.cases.blueprint import cases, cases_required
from gridmap.web.cases.labels import NOTICE_LABELS, STATE_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import Params, parse_valid_params


class InboxParams(Params):
    """Filters of the inbox; an empty one filters nothing."""

    state: str = Field("", max_length=20, description="State of the case")
    category: str = Field("", max_length=80, description="Key of the category")
    worker: str = Field("", max_length=100, description="Name of the worker")
    due: Literal["", "overdue", "soon"] = Field("", description="Promised days: passed, or today or tomorrow")
    supervised: Literal["", "yes"] = Field("", description="yes for cases for which a leader has asked for speed")
    subdistrict: str = Field("", max_length=40, description="Code of the subdistrict; all of the account without one")

    def to_filter(self, subdistrict_id: int | None = None) -> CaseFilter:
        """Return the filter for the service."""
        filters = CaseFilter(self.state, self.category, self.worker, self.due, bool(self.supervised))
        return replace(filters, subdistrict_id=subdistrict_id)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is filtered within the subdistricts that are shown."""
        return self.to_filter() == CaseFilter()


@dataclass(frozen=True)
class ShownInbox:
    """Inbox after its filters, with the choices of the filters, the subdistricts of the account and exact numbers."""

    all: Inbox
    to_do: Sequence[CaseRow]
    with_others: Sequence[CaseRow]
    params: InboxParams
    category_names: Mapping[str, str]
    subdistricts: Sequence[SubdistrictRow]
    counts: OpenCounts | Inbox

    @property
    def is_cut(self) -> bool:
        """Return whether there are more cases than are listed; with filters, whether there may be."""
        listed = len(self.to_do) + len(self.with_others)
        return listed == case_services.MAX_LISTED < self.counts.open

    @property
    def workers(self) -> Sequence[str]:
        """Names of the workers who have a case."""
        return sorted({each.handler_name for each in self.cases if each.handler_name})

    @property
    def categories(self) -> Sequence[str]:
        """Keys of the categories in the inbox."""
        return sorted({each.category for each in self.cases})

    @property
    def cases(self) -> Sequence[CaseRow]:
        """All cases, whatever the filters."""
        return (*self.all.to_do, *self.all.with_others)


@cases.get("")
@cases_required
def index() -> str:
    """Show the open cases: what is to be done, then what others have."""
    return render_template(
        "cases/index.html",
        inbox=load_shown_inbox(),
        state_labels=STATE_LABELS,
        open_states=OPEN_STATES,
        near_days=case_services.SOON_DAYS,
        max_listed=case_services.MAX_LISTED,
        communities=_list_own_communities(),
    )


@cases.get("/notices")
@login_required
def notices() -> str:
    """Show the notices about cases; they count as seen from then on."""
    listed = case_services.open_notices(context.session(), context.caller())
    return render_template("cases/notices.html", notices=listed, notice_labels=NOTICE_LABELS)


def load_shown_inbox() -> ShownInbox:
    """Return the inbox of the caller with the filters of the request; abort with 404 for a subdistrict of others."""
    params = parse_valid_params(InboxParams, request.args)
    session, caller = context.session(), context.caller()
    subdistricts = overview.list_subdistricts(session, caller)
    chosen = _find_subdistrict_id(subdistricts, params.subdistrict)
    inbox = case_services.load_inbox(session, caller, CaseFilter(subdistrict_id=chosen))
    shown = inbox if params.is_empty else case_services.load_inbox(session, caller, params.to_filter(chosen))
    counts = inbox if caller.role is Role.WORKER else case_services.count_open(session, caller, chosen)
    return ShownInbox(inbox, shown.to_do, shown.with_others, params, list_category_names(), subdistricts, counts)


def _find_subdistrict_id(subdistricts: Sequence[SubdistrictRow], code: str) -> int | None:
    """Return the key of a subdistrict of the account; None without a code."""
    ids = {each.code: each.id for each in subdistricts}
    return (ids.get(code) or abort(404)) if code else None


def list_category_names() -> Mapping[str, str]:
    """Return the names of categories by key, in the reader's language."""
    session, caller = context.session(), context.caller()
    return categories.list_names(session, caller, caller.subdistrict_ids, current_language())


def _list_own_communities() -> Sequence[CommunityRow]:
    """Return the communities in which a station may record a call."""
    session, caller = context.session(), context.caller()
    return places.list_communities(session, caller) if caller.role is Role.STATION else ()
