"""Pages of residents: search by identity number or phone, and reveal of a value or of a household."""

from collections.abc import Sequence

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import InvalidInput
from gridmap.services.homes import group_members
from gridmap.services.people import residents, reveals
from gridmap.services.people.residents import MaskedResident
from gridmap.services.people.reveals import RevealResult
from gridmap.web import context
from gridmap.web.forms import add_form_errors
from gridmap.web.labels import RESIDENCE_LABELS, REVEAL_FIELD_LABELS
from gridmap.web.language import current_language
from gridmap.web.station.blueprint import residents_required, station
from gridmap.web.station.forms import HOUSEHOLD, ResidentSearchForm, RevealForm

NOT_REVEALED = RevealResult()


@station.get("")
@residents_required
def search() -> str:
    """Show the search form."""
    return _search_page(ResidentSearchForm(), None)


@station.post("")
@residents_required
def submit_search() -> Response | str:
    """List the residents with a number."""
    form = ResidentSearchForm()
    if not form.validate():
        return make_response(_search_page(form, None), 422)
    session, caller = context.session(), context.caller()
    return _search_page(form, residents.find_residents(session, caller, form.number.data, request.remote_addr))


@station.get("/<int:resident_id>")
@residents_required
def detail(resident_id: int) -> str:
    """Show a resident with masked values; the look is recorded."""
    resident = residents.open_resident(context.session(), context.caller(), resident_id, request.remote_addr)
    return _resident_page(resident, RevealForm())


@station.post("/<int:resident_id>")
@residents_required
def submit_reveal(resident_id: int) -> Response | str:
    """Show one value in clear, or open the household; the audit has it before the response is sent."""
    form, result = RevealForm(), NOT_REVEALED
    valid = form.validate()
    if valid:
        try:
            result = _reveal(resident_id, form)
        except InvalidInput as error:
            add_form_errors(form, error)
            valid = False
    if result.household_id is not None:
        return redirect(url_for("station.visit", household_id=result.household_id), code=303)
    resident = residents.get_resident(context.session(), context.caller(), resident_id)
    status = 422 if not valid else 429 if result.refusal else 200
    return make_response(_resident_page(resident, form, result), status)


def _reveal(resident_id: int, form: RevealForm) -> RevealResult:
    """Reveal what the form asks for, in a transaction of its own, so that a refusal is recorded, too."""
    caller, field, grounds = context.caller(), form.chosen_field(), form.grounds()
    with context.separate_transaction() as session:
        if field is not None:
            return reveals.reveal_value(session, caller, resident_id, field, grounds, request.remote_addr)
        if form.field.data == HOUSEHOLD:
            return reveals.open_household_visit(session, caller, resident_id, grounds, request.remote_addr)
    raise InvalidInput([reveals.unknown_field(form.field.data)])


def _search_page(form: ResidentSearchForm, matches: Sequence[MaskedResident] | None) -> str:
    return render_template(
        "station/search.html",
        form=form,
        matches=matches,
        residence_labels=RESIDENCE_LABELS,
        has_residents=residents.has_residents(context.session(), context.caller()),
    )


def _resident_page(resident: MaskedResident, form: RevealForm, result: RevealResult = NOT_REVEALED) -> str:
    session = context.session()
    options = reveals.load_options(session, context.caller(), resident.id)
    form.set_choices(resident, options.special_tasks)
    return render_template(
        "station/detail.html",
        resident=resident,
        groups=group_members.list_groups(session, context.caller(), resident.id),
        uses_english=current_language() == "en",
        form=form,
        revealed_value=result.value,
        refusal=result.refusal,
        limits=options.limits,
        visit=reveals.get_household_visit(session, resident.household_id),
        residence_labels=RESIDENCE_LABELS,
        field_labels=REVEAL_FIELD_LABELS,
    )
