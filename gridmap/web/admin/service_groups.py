"""Pages of service groups: administrators edit them; sensitive ones are off until they have a legal basis."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.services.people import service_groups as administration
from gridmap.services.people.service_groups import ServiceGroupChanged, StoredGroup
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.group_forms import NewServiceGroupForm, ServiceGroupForm
from gridmap.web.forms import add_form_errors
from gridmap.web.labels import ACCESS_CLASS_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

GROUP_PATH = f"/service-groups/<int(max={MAX_ID}):service_group_id>"


@admin.get("/service-groups")
@roles_required(Role.ADMIN)
def service_groups() -> str:
    """List the service groups of the own subdistricts with their grounds."""
    return render_template(
        "admin/service_groups.html",
        administered=administration.list_administered(context.session(), context.caller()),
        class_labels=ACCESS_CLASS_LABELS,
        uses_english=current_language() == "en",
    )


@admin.get("/service-groups/new")
@roles_required(Role.ADMIN)
def new_service_group() -> str:
    """Show the form of a new service group."""
    return render_template("admin/new_service_group.html", form=_new_form())


@admin.post("/service-groups/new")
@roles_required(Role.ADMIN)
def create_service_group() -> Response | str:
    """Add a service group; a form that is faulty keeps what was typed."""
    form = _new_form()
    if form.validate():
        group = form.to_group(AccessClass(form.access_class.data))
        try:
            administration.add_group(context.session(), context.caller(), form.subdistrict_id.data, group)
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The service group is added."), "good")
            return redirect(url_for("admin.service_groups"), 303)
    return make_response(render_template("admin/new_service_group.html", form=form), 422)


@admin.get(GROUP_PATH)
@roles_required(Role.ADMIN)
def edit_service_group(service_group_id: int) -> str:
    """Show a service group with its form."""
    stored = administration.get_group(context.session(), context.caller(), service_group_id)
    data = {"version": str(stored.version)}
    return _group_page(stored, ServiceGroupForm(formdata=None, obj=stored.group, data=data))


@admin.post(GROUP_PATH)
@roles_required(Role.ADMIN)
def change_service_group(service_group_id: int) -> Response | str:
    """Change names, purpose, legal basis and use of a service group; its class stays."""
    session, caller, form = context.session(), context.caller(), ServiceGroupForm()
    stored = administration.get_group(session, caller, service_group_id)
    if not form.validate():
        return make_response(_group_page(stored, form), 422)
    try:
        group = form.to_group(stored.group.access_class)
        administration.change_group(session, caller, stored, group, form.version_number())
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_group_page(stored, form), 422)
    except ServiceGroupChanged:
        form.version.data = str(stored.version)  # a second look decides: sending it again saves it
        return make_response(_group_page(stored, form, changed=True), 409)
    flash(N_("The service group is changed."), "good")
    return redirect(url_for("admin.service_groups"), 303)


def _new_form() -> NewServiceGroupForm:
    form = NewServiceGroupForm()
    administered = administration.list_administered(context.session(), context.caller())
    form.subdistrict_id.choices = [SelectChoice(each.subdistrict.id, each.subdistrict.name) for each in administered]
    return form


def _group_page(stored: StoredGroup, form: ServiceGroupForm, *, changed: bool = False) -> str:
    names = stored.group.names
    return render_template(
        "admin/service_group.html",
        stored=stored,
        name=names[1] if current_language() == "en" else names[0],
        form=form,
        changed=changed,
        class_labels=ACCESS_CLASS_LABELS,
    )
