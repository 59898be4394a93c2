"""Pages of incident categories: one administrator edits them, two change an access class."""

from collections.abc import Mapping
from dataclasses import replace

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from gridmap.core.errors import N_, InvalidInput, NotPossible
from gridmap.core.vocabulary import AccessClass, Role
from gridmap.services.incidents import category_administration as administration
from gridmap.services.incidents import line_administration
from gridmap.services.incidents.categories import get_main_category_name
from gridmap.services.incidents.category_administration import StoredCategory
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.category_forms import CategoryForm, ClassChangeForm, NewCategoryForm
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.labels import ACCESS_CLASS_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

admin_required = roles_required(Role.ADMIN)


@admin.get("/incident-categories")
@admin_required
def incident_categories() -> str:
    """List the categories of the own subdistricts, and the changes of classes that wait for a decision."""
    language = current_language()
    return render_template(
        "admin/incident_categories.html",
        administered=administration.list_administered(context.session(), context.caller()),
        confirm_form=ConfirmForm(),
        class_labels=ACCESS_CLASS_LABELS,
        line_names=_line_names(),
        get_main_category_name=lambda key: get_main_category_name(key, language),
        own_id=context.caller().account_id,
        uses_english=language == "en",
    )


@admin.get("/incident-categories/new")
@admin_required
def new_incident_category() -> str:
    """Show the form of a new category."""
    return render_template("admin/new_incident_category.html", form=_new_form())


@admin.post("/incident-categories/new")
@admin_required
def create_incident_category() -> Response | str:
    """Add a category; a form that is faulty keeps what was typed."""
    form = _new_form()
    if form.validate():
        category = form.to_category(AccessClass(form.access_class.data))
        try:
            administration.add_category(context.session(), context.caller(), form.subdistrict_id.data, category)
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The category is added."), "good")
            return redirect(url_for("admin.incident_categories"), 303)
    return make_response(render_template("admin/new_incident_category.html", form=form), 422)


@admin.get(f"/incident-categories/<int(max={MAX_ID}):incident_category_id>")
@admin_required
def edit_incident_category(incident_category_id: int) -> str:
    """Show a category with the form of its names and that of its class."""
    stored = administration.get_category(context.session(), context.caller(), incident_category_id)
    return _category_page(stored, _category_form(stored), _change_form(stored))


@admin.post(f"/incident-categories/<int(max={MAX_ID}):incident_category_id>")
@admin_required
def change_incident_category(incident_category_id: int) -> Response | str:
    """Change names, purpose and legal basis of a category; its class stays."""
    stored = administration.get_category(context.session(), context.caller(), incident_category_id)
    form = _category_form(stored)
    if form.validate():
        try:
            administration.change_category(context.session(), stored, form.to_category(stored.category.access_class))
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The category is changed."), "good")
            return redirect(url_for("admin.incident_categories"), 303)
    return make_response(_category_page(stored, form, _change_form(stored, empty=True)), 422)


@admin.post(f"/incident-categories/<int(max={MAX_ID}):incident_category_id>/class")
@admin_required
def propose_category_class(incident_category_id: int) -> Response | str:
    """Propose another class of a category; another administrator decides."""
    session, caller = context.session(), context.caller()
    stored = administration.get_category(session, caller, incident_category_id)
    form = _change_form(stored)
    if form.validate():
        purpose, legal_basis = ((form[name].data or "").strip() or None for name in ("purpose", "legal_basis"))
        wanted = replace(
            stored.category, access_class=AccessClass(form.access_class.data), purpose=purpose, legal_basis=legal_basis
        )
        try:
            administration.propose_class(session, caller, stored, wanted, form.reason.data.strip())
        except InvalidInput as error:
            add_form_errors(form, error)
        except NotPossible as error:
            form.form_errors.append(error.message)
        else:
            flash(N_("Another administrator has to confirm the class now."), "good")
            return redirect(url_for("admin.incident_categories"), 303)
    return make_response(_category_page(stored, _category_form(stored, empty=True), form), 422)


@admin.post(f"/category-class-changes/<int(max={MAX_ID}):category_class_change_id>/confirm")
@admin_required
def confirm_category_class(category_class_change_id: int) -> Response:
    """Confirm a class that another administrator proposed."""
    return _decide(category_class_change_id, confirmed=True)


@admin.post(f"/category-class-changes/<int(max={MAX_ID}):category_class_change_id>/refuse")
@admin_required
def refuse_category_class(category_class_change_id: int) -> Response:
    """Refuse a class that another administrator proposed."""
    return _decide(category_class_change_id, confirmed=False)


def _decide(change_id: int, *, confirmed: bool) -> Response:
    try:
        administration.decide_class(context.session(), context.caller(), change_id, confirmed=confirmed)
    except NotPossible as error:
        flash(translate(error.message, current_language()), "bad")
    else:
        flash(N_("New incidents have the new class.") if confirmed else N_("The class stays."), "good")
    return redirect(url_for("admin.incident_categories"), 303)


def _line_names() -> Mapping[str, str]:
    return line_administration.list_line_names(context.session(), context.caller(), current_language())


def _new_form() -> NewCategoryForm:
    form = NewCategoryForm()
    form.set_choices(_line_names())
    administered = administration.list_administered(context.session(), context.caller())
    form.subdistrict_id.choices = [SelectChoice(each.subdistrict.id, each.subdistrict.name) for each in administered]
    return form


def _category_form(stored: StoredCategory, *, empty: bool = False) -> CategoryForm:
    """Return the form of a category; without what was submitted where it was another form."""
    form = CategoryForm(formdata=None, obj=stored.category) if empty else CategoryForm(obj=stored.category)
    form.set_choices(_line_names())
    return form


def _change_form(stored: StoredCategory, *, empty: bool = False) -> ClassChangeForm:
    category = stored.category
    if empty:
        return ClassChangeForm(formdata=None, obj=category, prefix="class")
    return ClassChangeForm(obj=category, prefix="class")


def _category_page(stored: StoredCategory, form: CategoryForm, change_form: ClassChangeForm) -> str:
    return render_template(
        "admin/incident_category.html",
        stored=stored,
        form=form,
        change_form=change_form,
        class_labels=ACCESS_CLASS_LABELS,
    )
