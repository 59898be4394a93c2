"""Tables of administrators as files."""

from flask import Response, request

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts, audit, special_tasks
from gridmap.services.grids import in_force
from gridmap.services.incidents import category_administration, line_administration
from gridmap.services.incidents.categories import get_main_category_name
from gridmap.services.people import service_groups
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.audit import AuditPageParams, audit_filter, filter_form
from gridmap.web.admin.blueprint import admin
from gridmap.web.exports import account_tables, group_tables
from gridmap.web.exports.response import account_place_names, export_response, own_places
from gridmap.web.labels import ACTION_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import parse_valid_params

admin_required = roles_required(Role.ADMIN)
CHOSEN_ACTION, FIRST_DAY, LAST_DAY = N_("What"), N_("First day"), N_("Last day")
ONLY_NEWEST, NEWEST_NOTE = N_("Rows left out"), N_("only the newest {count} are in the file")


@admin.get("/accounts/export/<file_format>")
@admin_required
def export_accounts(file_format: str) -> Response:
    """Return the accounts as a file."""
    session, caller = context.account_session(), context.caller()
    table = account_tables.make_account_table(accounts.list_accounts(session, caller))
    return export_response(table, file_format, own_places(account_place_names()))


@admin.get("/audit/export/<file_format>")
@admin_required
def export_audit(file_format: str) -> Response:
    """Return the entries of the audit that the filters match, the newest first, as a file."""
    filters = audit_filter(parse_valid_params(AuditPageParams, request.args), filter_form())
    entries = audit.list_newest_entries(context.session(), context.caller(), filters)
    notes: list[tuple[str, str | Message]] = []
    if filters.action:
        notes.append((CHOSEN_ACTION, Message(ACTION_LABELS.get(filters.action, filters.action))))
    notes += [(FIRST_DAY, str(filters.first))] if filters.first else []
    notes += [(LAST_DAY, str(filters.last))] if filters.last else []
    if len(entries) == audit.MAX_EXPORTED_ENTRIES:
        notes.append((ONLY_NEWEST, Message(NEWEST_NOTE, {"count": len(entries)})))
    places = own_places(account_place_names())
    return export_response(account_tables.make_audit_table(entries), file_format, places, notes=notes)


@admin.get("/special-tasks/export/<file_format>")
@admin_required
def export_special_tasks(file_format: str) -> Response:
    """Return the special tasks as a file."""
    session, caller = context.account_session(), context.caller()
    table = account_tables.make_task_table(special_tasks.list_tasks(session, caller), in_force.get_today(session))
    return export_response(table, file_format, own_places(account_place_names()))


@admin.get("/incident-categories/export/<file_format>")
@admin_required
def export_incident_categories(file_format: str) -> Response:
    """Return the incident categories of the own subdistricts as a file."""
    session, caller, language = context.session(), context.caller(), current_language()
    groups = category_administration.list_administered(session, caller)
    categories = [each for group in groups for each in group.categories]
    main_names = {
        each.category.main_category: get_main_category_name(each.category.main_category, language)
        for each in categories
    }
    line_names = line_administration.list_line_names(session, caller, language)
    table = account_tables.make_category_table(categories, main_names, line_names)
    return export_response(table, file_format, own_places(account_place_names()))


@admin.get("/service-lines/export/<file_format>")
@admin_required
def export_service_lines(file_format: str) -> Response:
    """Return the service lines as a file."""
    groups = line_administration.list_administered(context.session(), context.caller())
    return export_response(account_tables.make_line_table(groups), file_format, own_places(account_place_names()))


@admin.get("/service-groups/export/<file_format>")
@admin_required
def export_service_groups(file_format: str) -> Response:
    """Return the service groups of the own subdistricts as a file; it names no member."""
    administered = service_groups.list_administered(context.session(), context.caller())
    return export_response(group_tables.make_group_table(administered), file_format, own_places(account_place_names()))
