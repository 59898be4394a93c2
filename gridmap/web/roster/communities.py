"""Pages of the rosters of communities and of grids."""

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import RosterRole
from gridmap.services.workers import duties, people, versions
from gridmap.services.workers import roster as rosters
from gridmap.web import context
from gridmap.web.forms import ConfirmForm
from gridmap.web.labels import ROSTER_ROLE_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import (
    CHANGED,
    SAVED,
    editors_required,
    readers_required,
    redirect_to_community,
    roster,
    submit,
)
from gridmap.web.roster.forms import GridDutyForm, NewPersonForm


@roster.get("")
@readers_required
def index() -> Response | str:
    """List the communities with their vacant grids; the only one is opened at once."""
    caller = context.caller()
    communities = rosters.list_communities(context.session(), caller)
    rows = [row for each in communities.values() for row in each]
    if len(rows) == 1:
        return redirect(url_for("roster.community", community_id=rows[0][0].id), 303)
    editable = {each.id for each in communities if people.can_set_supervision_phone(caller, each.id)}
    return render_template("roster/index.html", communities=communities, editable_subdistricts=editable)


@roster.get(f"/communities/<int(max={MAX_ID}):community_id>")
@readers_required
def community(community_id: int) -> str:
    """Show the roster of a community today: grids, people, leave, and what needs attention."""
    session, caller = context.session(), context.caller()
    shown = rosters.load_roster(session, caller, community_id)
    return render_template(
        "roster/community.html",
        roster=shown,
        lines=rosters.list_lines(session, caller, shown.community.subdistrict_id, current_language()),
        can_edit=rosters.can_edit(caller),
        can_set_supervision_phone=people.can_set_supervision_phone(caller, shown.community.subdistrict_id),
        role_labels=ROSTER_ROLE_LABELS,
        confirm_form=ConfirmForm(),
    )


@roster.get(f"/communities/<int(max={MAX_ID}):community_id>/new-person")
@editors_required
def new_person(community_id: int) -> str:
    """Show the form of a new person."""
    return _new_person_page(community_id, NewPersonForm(data={"full_time": True}))


@roster.post(f"/communities/<int(max={MAX_ID}):community_id>/new-person")
@editors_required
def create_person(community_id: int) -> Response | str:
    """Add a person to the roster of a community."""
    form, session, caller = NewPersonForm(), context.session(), context.caller()

    def change() -> None:
        people.add_person(session, caller, community_id, form.to_request(), form.first.data)

    if (status := submit(form, change)) == SAVED:
        message = N_("The person is on the roster. Give a grid or a line of work now.")
        return redirect_to_community(community_id, message)
    return make_response(_new_person_page(community_id, form), status)


@roster.get(f"/grids/<int(max={MAX_ID}):grid_id>")
@readers_required
def grid(grid_id: int) -> str:
    """Show who has which role in a grid, with planned and past duties."""
    return _grid_page(grid_id, None)


@roster.post(f"/grids/<int(max={MAX_ID}):grid_id>")
@editors_required
def give_grid(grid_id: int) -> Response | str:
    """Give a person a role in a grid; who is in charge hands it over."""
    session, caller = context.session(), context.caller()
    community_id = rosters.get_grid_roster(session, caller, grid_id).grid.community_id
    form = GridDutyForm()
    form.set_choices(rosters.load_roster(session, caller, community_id).workers)

    def change() -> None:
        versions.require_grid_version(session, caller, grid_id, form.version_number())
        duties.give_grid(session, caller, grid_id, form.to_request())

    if (status := submit(form, change)) == SAVED:
        return redirect_to_community(community_id, N_("The roster of the grid is changed."))
    context.discard_session()
    return make_response(_grid_page(grid_id, form, changed=status == CHANGED), status)


def _new_person_page(community_id: int, form: NewPersonForm) -> str:
    session, caller = context.session(), context.caller()
    shown = rosters.load_roster(session, caller, community_id).community
    return render_template("roster/new_person.html", community=shown, form=form)


def _grid_page(grid_id: int, form: GridDutyForm | None, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    shown = rosters.get_grid_roster(session, caller, grid_id)
    community_roster = rosters.load_roster(session, caller, shown.grid.community_id)
    version = str(versions.grid_version(session, caller, grid_id))
    if form is None:
        role = RosterRole.GRID_LEADER if shown.in_charge is None else RosterRole.GRID_WORKER
        form = GridDutyForm(formdata=None, data={"role": role.value, "version": version})
        form.set_choices(community_roster.workers)
    if changed:  # a second look decides: sending it again saves it
        form.version.data = version
    return render_template(
        "roster/grid.html",
        shown=shown,
        community=community_roster.community,
        absent=community_roster.absent_ids,
        form=form,
        changed=changed,
        can_edit=rosters.can_edit(caller),
        role_labels=ROSTER_ROLE_LABELS,
        confirm_form=ConfirmForm(),
    )
