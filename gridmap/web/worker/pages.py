"""My grid and reporting an incident, made for a phone in one hand."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import BadInput
from gridmap.core.names import Role
from gridmap.services import catalogue, contents, incidents, people
from gridmap.services.contents import Contents
from gridmap.web import current
from gridmap.web.access import roles
from gridmap.web.forms import refuse
from gridmap.web.grids import MAP, words
from gridmap.web.language import language
from gridmap.web.people.pages import KIND_NAMES
from gridmap.web.worker.forms import Incident

worker = Blueprint("worker", __name__, url_prefix="/my-grid")


@worker.get("")
@roles(Role.WORKER)
def mine() -> str:
    """The own grids as they are in force today."""
    session = current.session()
    found = contents.mine(session)
    sent = incidents.reported(session, request.args.get("reported", ""))
    return render_template("worker/mine.html", found=found, sent=sent, shell=_shell(found), **words())


@worker.get("/buildings/<int:building>")
@roles(Role.WORKER)
def building(building: int) -> str:
    """Who lives in a building of the own grids, masked."""
    found = contents.building(current.session(), building)
    living = people.of_building(current.session(), building)
    return render_template("worker/building.html", building=found, living=living, kinds=KIND_NAMES)


@worker.get("/report")
@roles(Role.WORKER)
def report() -> str:
    """The form; a building may be chosen already."""
    found = contents.mine(current.session())
    form = _offered(Incident(), found)
    form.building.data = request.args.get("building", "")
    return _page(form, found)


@worker.post("/report")
@roles(Role.WORKER)
def reporting() -> Response | str:
    """Take it in, or say what is missing; the same form sent twice is one incident."""
    found = contents.mine(current.session())
    form = _offered(Incident(), found)
    if not found or not form.validate():
        return make_response(_page(form, found), 422)
    try:
        stored = incidents.report(current.session(), form.told(_home(form, found)))
    except BadInput as error:
        refuse(form, error)
        form.beyond.data = "yes" if isinstance(error, incidents.Beyond) else ""
        return make_response(_page(form, found), 422)
    return redirect(url_for("worker.mine", reported=stored.number), code=303)


def _offered(form: Incident, found: Sequence[Contents]) -> Incident:
    """The form with its lists."""
    named = {each.id: each.name or each.address or each.code for one in found for each in one.buildings}
    form.offer(dict(catalogue.names("lines", language())), named)
    return form


def _home(form: Incident, found: Sequence[Contents]) -> int:
    """Subdistrict of the building chosen, else of the first grid."""
    chosen = {str(each.id): one.day.home for one in found for each in one.buildings}
    return chosen.get(form.building.data, found[0].day.home)


def _page(form: Incident, found: Sequence[Contents]) -> str:
    return render_template("worker/report.html", form=form, found=found, shell=_shell(found))


def _shell(found: Sequence[Contents]) -> Any:
    return contents.shell_of(found, url_for("static", filename=MAP)) if found else None
