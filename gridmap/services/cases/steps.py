"""Steps of cases: what people do with them, checked before it is stored."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.cases.machine import TEXT_ACTIONS
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.privacy.free_text import find_personal_numbers, hide_number
from gridmap.core.vocabulary import AssignmentBasis, CaseAction
from gridmap.services.cases import cases as case_pages
from gridmap.services.cases.cases import CaseDetails
from gridmap.store.queries.cases import cases
from gridmap.store.queries.cases.cases import RepeatedStep
from gridmap.store.schema.cases.cases import MAX_CASE_TEXT_LETTERS
from gridmap.store.writes.cases import steps as step_writes
from gridmap.store.writes.cases.steps import NewStep

TEXT_MISSING = N_("say it in a few words")
TEXT_LONG = N_("{count} letters; at most {maximum}")
PERSONAL_NUMBER = N_(
    "This looks like a person's number: {numbers}. Leave it out; the record of the resident has it. If it is none, "
    "send the text again."
)
NO_SUCH_WORKER = N_("choose a worker who has an account")
NO_SUCH_INCIDENT = N_("there is no incident with the number {number} here")
OTHER_CLASS = N_("only incidents of the same access class can be linked: not everybody sees both")
SAME_INCIDENT = N_("an incident is no duplicate of itself")


class CaseChanged(Exception):
    """Somebody has taken a step of the case since the page was opened, so that this one is not possible any more."""


class PersonalNumbers(InvalidInput):
    """A text seems to have numbers of persons; it is stored when it is confirmed."""


@dataclass(frozen=True)
class StepRequest:
    """A step that somebody asks for.

    Parameters
    ----------
    incident_id : int
    version : int
        Version of the case that the page showed.
    action : CaseAction
    text : str
    worker_id : int or None
        Worker who is to get the case.
    duplicate_number : str
        Number of the incident that it repeats.
    numbers_confirmed : bool
        Numbers in the text are none of a person.
    """

    incident_id: int
    version: int
    action: CaseAction
    text: str = ""
    worker_id: int | None = None
    duplicate_number: str = ""
    numbers_confirmed: bool = False


def take_step(session: Session, caller: Caller, request: StepRequest) -> int:
    """Take a step of a case and return its key; a form that is sent twice takes one step.

    Raises
    ------
    NotFound
        If the caller does not see the incident.
    CaseChanged
        If somebody else was quicker, or the caller may not do this in the state of the case.
    PersonalNumbers
        If the text seems to have numbers of persons, and nobody has confirmed that it has none.
    InvalidInput
        If a text, a worker or the other incident is missing.
    """
    details = case_pages.load_case(session, caller, request.incident_id)
    if request.version != details.case.version:
        return _require_repeated(session, caller, request)
    if request.action not in details.actions:
        raise CaseChanged(request.incident_id)
    require_plain_text(request.text, needed=request.action in TEXT_ACTIONS, confirmed=request.numbers_confirmed)
    step = NewStep(
        request.incident_id,
        request.version,
        request.action,
        request.text.strip(),
        *_choose_worker(details, request),
        _find_duplicate(session, caller, details, request),
    )
    step_id = step_writes.take_step(session, step)
    return _require_repeated(session, caller, request) if step_id is None else step_id


def require_plain_text(text: str, *, needed: bool, confirmed: bool = False, column: str = "text") -> None:
    """Require a text that is short enough and without numbers of persons.

    Raises
    ------
    PersonalNumbers
        If it seems to have some, and nobody has confirmed that it has none.
    InvalidInput
        If it is missing or too long.

    Examples
    --------
    >>> require_plain_text("", needed=False)
    >>> require_plain_text("call 13800138000", needed=True)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    gridmap.services.cases.steps.PersonalNumbers: This looks like a person's number: 138…00. Leave it out; ...
    """
    if needed and not text.strip():
        raise _fault(column, TEXT_MISSING)
    if len(text) > MAX_CASE_TEXT_LETTERS:
        raise _fault(column, TEXT_LONG, count=len(text), maximum=MAX_CASE_TEXT_LETTERS)
    numbers = find_personal_numbers(text)
    if numbers and not confirmed:
        values = {"numbers": ", ".join(map(hide_number, numbers))}
        raise PersonalNumbers([InputFault(Message(PERSONAL_NUMBER, values), column=column)])


def _require_repeated(session: Session, caller: Caller, request: StepRequest) -> int:
    """Return the step that the caller has taken by the same form.

    Raises
    ------
    CaseChanged
        If the version has passed by another step.
    """
    values = (request.incident_id, request.version, request.action, request.text.strip(), request.worker_id)
    step_id = cases.find_repeated_step(session, caller, RepeatedStep(*values))
    if step_id is None:
        raise CaseChanged(request.incident_id)
    return step_id


def _choose_worker(details: CaseDetails, request: StepRequest) -> tuple[int | None, AssignmentBasis | None]:
    if request.action is not CaseAction.ASSIGN:
        return None, None
    for candidate in details.candidates:
        if candidate.worker_id == request.worker_id:
            return candidate.worker_id, candidate.basis
    raise _fault("worker", NO_SUCH_WORKER)


def _find_duplicate(session: Session, caller: Caller, details: CaseDetails, request: StepRequest) -> int | None:
    if request.action is not CaseAction.LINK_DUPLICATE:
        return None
    number = request.duplicate_number.strip()
    other = cases.find_by_number(session, caller, number)
    if other is None:
        raise _fault("duplicate_number", NO_SUCH_INCIDENT, number=number)
    if other.incident_id == request.incident_id:
        raise _fault("duplicate_number", SAME_INCIDENT)
    if other.access_class is not details.case.access_class:
        raise _fault("duplicate_number", OTHER_CLASS)
    return other.incident_id


def _fault(column: str, problem: str, **values: object) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem, values), column=column)])
