"""Pages of service lines: their names and categories, and the lines of a leader."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from gridmap.catalogues import load_code_tables
from gridmap.core.errors import N_, InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, line_grants
from gridmap.services.incidents import line_administration as administration
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.account.password_confirmation import recent_password_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.admin.line_forms import LineForm, LineGrantForm, NewLineForm
from gridmap.web.forms import ConfirmForm, add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

admin_required = roles_required(Role.ADMIN)


@admin.get("/service-lines")
@admin_required
def service_lines() -> str:
    """List the service lines of the own subdistricts, with the form of a new one."""
    return _lines_page(_new_form())


@admin.post("/service-lines")
@admin_required
def create_service_line() -> Response | str:
    """Add a service line; a form that is faulty keeps what was typed."""
    form = _new_form()
    if form.validate():
        try:
            administration.add_line(context.session(), context.caller(), form.subdistrict_id.data, form.names())
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The service line is added. Choose its categories now."), "good")
            return redirect(url_for("admin.service_lines"), 303)
    return make_response(_lines_page(form), 422)


@admin.get(f"/service-lines/<int(max={MAX_ID}):service_line_id>")
@admin_required
def edit_service_line(service_line_id: int) -> str:
    """Show a service line with the form of its names and categories."""
    return _line_page(service_line_id, _line_form(service_line_id))


@admin.post(f"/service-lines/<int(max={MAX_ID}):service_line_id>")
@admin_required
def change_service_line(service_line_id: int) -> Response | str:
    """Change the names of a service line and the categories that it deals with."""
    form = _line_form(service_line_id)
    if form.validate():
        names, categories = form.names(), form.categories.data or []
        try:
            administration.change_line(context.session(), context.caller(), service_line_id, names, categories)
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The service line is changed."), "good")
            return redirect(url_for("admin.service_lines"), 303)
    return make_response(_line_page(service_line_id, form), 422)


@admin.get(f"/accounts/<int(max={MAX_ID}):account_id>/lines")
@admin_required
def account_lines(account_id: int) -> str:
    """Show the service lines of a leader, with the form that gives one."""
    return _grants_page(account_id, _grant_form(account_id))


@admin.post(f"/accounts/<int(max={MAX_ID}):account_id>/lines")
@admin_required
@recent_password_required
def give_line(account_id: int) -> Response | str:
    """Give a leader one service line."""
    form = _grant_form(account_id)
    if form.validate():
        try:
            line_grants.give_line(context.account_session(), context.caller(), account_id, form.to_request())
        except InvalidInput as error:
            add_form_errors(form, error)
        else:
            flash(N_("The account has the service line now."), "good")
            return redirect(url_for("admin.account_lines", account_id=account_id), 303)
    return make_response(_grants_page(account_id, form), 422)


@admin.post(f"/accounts/<int(max={MAX_ID}):account_id>/lines/<int(max={MAX_ID}):account_scope_line_id>/end")
@admin_required
@recent_password_required
def end_line(account_id: int, account_scope_line_id: int) -> Response:
    """End a service line of a leader at once."""
    line_grants.end_line(context.account_session(), context.caller(), account_id, account_scope_line_id)
    flash(N_("The account sees nothing by this line any more."), "good")
    return redirect(url_for("admin.account_lines", account_id=account_id), 303)


def _new_form() -> NewLineForm:
    form = NewLineForm()
    administered = administration.list_administered(context.session(), context.caller())
    form.subdistrict_id.choices = [SelectChoice(each.subdistrict.id, each.subdistrict.name) for each in administered]
    return form


def _lines_page(form: NewLineForm) -> str:
    return render_template(
        "admin/service_lines.html",
        administered=administration.list_administered(context.session(), context.caller()),
        form=form,
        suggestions=load_code_tables()["suggested_lines"].values(),
        uses_english=current_language() == "en",
    )


def _line_form(line_id: int) -> LineForm:
    group, line = administration.get_line(context.session(), context.caller(), line_id)
    chosen = [each.key for each in line.categories]
    form = LineForm(data={"name_zh": line.name_zh, "name_en": line.name_en, "categories": chosen})
    form.set_choices(group.categories)
    return form


def _line_page(line_id: int, form: LineForm) -> str:
    _, line = administration.get_line(context.session(), context.caller(), line_id)
    return render_template("admin/service_line.html", line=line, form=form, uses_english=current_language() == "en")


def _grant_form(account_id: int) -> LineGrantForm:
    choices = line_grants.list_choices(context.account_session(), context.caller(), account_id)
    form = LineGrantForm()
    form.set_choices(choices.scopes, choices.lines)
    return form


def _grants_page(account_id: int, form: LineGrantForm) -> str:
    session, caller = context.account_session(), context.caller()
    account = accounts.get_account(session, caller, account_id)
    return render_template(
        "admin/account_lines.html",
        shown_account=account,
        grants=line_grants.list_choices(session, caller, account_id).grants,
        reason=line_grants.ROLE_REASONS.get(account.role),
        form=form,
        confirm_form=ConfirmForm(),
        can_manage=accounts.can_manage(session, account_id) and caller.account_id != account_id,
        today=line_grants.get_today(session),
        uses_english=current_language() == "en",
    )
