"""Tables of administrators: accounts, the audit, special tasks, incident categories and service lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from gridmap.core.errors import N_
from gridmap.services.accounts.accounts import AccountSummary
from gridmap.services.accounts.audit import AuditRecord
from gridmap.services.accounts.scopes import Scope
from gridmap.services.accounts.special_tasks import SpecialTaskRow
from gridmap.services.exports.tables import Column, ExportTable, Value
from gridmap.services.incidents.category_administration import StoredCategory
from gridmap.services.incidents.line_administration import SubdistrictLines
from gridmap.texts import translate
from gridmap.web.labels import (
    ACCESS_CLASS_LABELS,
    ACTION_LABELS,
    LIMIT_LABELS,
    LINE_PURPOSE_LABELS,
    PURPOSE_LABELS,
    REVEAL_FIELD_LABELS,
    SUBJECT_LABELS,
)
from gridmap.web.language import current_language
from gridmap.web.navigation import ROLE_NAMES

ROLE_TEXTS = {role.value: name for role, name in ROLE_NAMES.items()}
CLASS_TEXTS = {access_class.value: label for access_class, label in ACCESS_CLASS_LABELS.items()}
DETAIL_LABELS: dict[str, str] = {
    **{key.value: label for key, label in PURPOSE_LABELS.items()},
    **{key.value: label for key, label in LINE_PURPOSE_LABELS.items()},
    **{key.value: label for key, label in REVEAL_FIELD_LABELS.items()},
    **LIMIT_LABELS,
}
SHOWN_DETAILS = ("fields", "field", "purpose", "matter_number", "page", "lines", "limit")
"""Details of an entry that the page of the audit shows."""
ACCOUNT_COLUMNS = (
    Column("name", N_("Shown as")),
    Column("sign_in", N_("Name to sign in with")),
    Column("role", N_("Role"), ROLE_TEXTS),
    Column("works_in", N_("Works in")),
    Column("status", N_("Status"), {"active": N_("in use"), "inactive": N_("out of use"), "idle": N_("works nowhere")}),
)
AUDIT_COLUMNS = (
    Column("at", N_("When")),
    Column("actor", N_("Who")),
    Column("action", N_("What"), ACTION_LABELS),
    Column("subject", N_("Kind"), SUBJECT_LABELS),
    Column("subject_id", N_("Key")),
    Column("target", N_("To whom or what")),
    Column("details", N_("Values")),
    Column("reason", N_("Reason")),
    Column("address", N_("Network address")),
)
TASK_STATUS_LABELS = {"open": N_("open"), "closed": N_("closed"), "over": N_("over"), "not_yet": N_("not yet")}
TASK_COLUMNS = (
    Column("purpose", N_("Purpose")),
    Column("opened_by", N_("Opened by")),
    Column("fields", N_("Values it needs")),
    Column("households", N_("Households for each account")),
    Column("first", N_("First day")),
    Column("last", N_("Last day")),
    Column("accounts", N_("Who works on it")),
    Column("status", N_("Status"), TASK_STATUS_LABELS),
)
CATEGORY_COLUMNS = (
    Column("key", N_("Key")),
    Column("name_zh", N_("Name in Chinese")),
    Column("name_en", N_("Name in English")),
    Column("main", N_("Main category")),
    Column("class", N_("Access class"), CLASS_TEXTS),
    Column("line", N_("Service line that deals with it")),
    Column("purpose", N_("Purpose")),
    Column("basis", N_("Legal basis")),
)
LINE_COLUMNS = (
    Column("subdistrict", N_("Subdistrict")),
    Column("name_zh", N_("Name in Chinese")),
    Column("name_en", N_("Name in English")),
    Column("sensitive", N_("sensitive")),
    Column("categories", N_("Categories")),
)
YES = N_("yes")


def make_account_table(accounts: Sequence[AccountSummary]) -> ExportTable:
    """Return the accounts that the administrator sees."""
    return ExportTable("accounts", N_("Accounts"), ACCOUNT_COLUMNS, [_account_row(each) for each in accounts])


def make_audit_table(entries: Sequence[AuditRecord]) -> ExportTable:
    """Return entries of the audit, with the values that its page shows."""
    rows = [
        (
            each.at.replace(tzinfo=None),
            each.actor,
            each.action,
            each.subject,
            each.subject_id,
            each.target,
            " · ".join(_detail_texts(each.details)) or None,
            each.reason,
            each.address,
        )
        for each in entries
    ]
    return ExportTable("audit", N_("Records"), AUDIT_COLUMNS, rows)


def make_task_table(tasks: Sequence[SpecialTaskRow], today: date) -> ExportTable:
    """Return the special tasks, those that are over included."""
    rows = [
        (
            each.purpose,
            each.opened_by,
            "、".join(_text(REVEAL_FIELD_LABELS[name]) for name in each.fields),
            each.households,
            each.first,
            each.last,
            "、".join(each.account_names),
            _task_status(each, today),
        )
        for each in tasks
    ]
    return ExportTable("special_tasks", N_("Special tasks"), TASK_COLUMNS, rows)


def make_category_table(
    categories: Sequence[StoredCategory], main_names: Mapping[str, str], line_names: Mapping[str, str]
) -> ExportTable:
    """Return incident categories with class, purpose and legal basis.

    Parameters
    ----------
    categories : sequence of StoredCategory
    main_names, line_names : mapping of str to str
        Names of main categories and service lines by key, in the reader's language.
    """
    rows = [_category_row(each, main_names, line_names) for each in categories]
    return ExportTable("incident_categories", N_("Incident categories"), CATEGORY_COLUMNS, rows)


def make_line_table(groups: Sequence[SubdistrictLines]) -> ExportTable:
    """Return the service lines with their categories."""
    yes, uses_english = _text(YES), current_language() == "en"
    rows = [
        (
            group.subdistrict.name,
            line.name_zh,
            line.name_en,
            yes if line.is_sensitive else None,
            "、".join(each.name_en if uses_english else each.name_zh for each in line.categories),
        )
        for group in groups
        for line in group.lines
    ]
    return ExportTable("service_lines", N_("Service lines"), LINE_COLUMNS, rows)


def _account_row(account: AccountSummary) -> Sequence[Value]:
    present = [scope for scope in account.scopes if not scope.is_over]
    status = "inactive" if not account.active else "active" if present else "idle"
    places = "；".join(map(_scope_text, present))
    return account.display_name, account.name, account.role.value, places or None, status


def _scope_text(scope: Scope) -> str:
    place = " · ".join(part for part in (scope.subdistrict, scope.community, scope.grid) if part)
    return f"{place} ({scope.first} – {scope.last})" if scope.last else place


def _detail_texts(details: Mapping[str, object]) -> Iterator[str]:
    for name in SHOWN_DETAILS:
        value = details.get(name)
        for each in value if isinstance(value, list) else [value]:
            if each:
                yield _text(DETAIL_LABELS.get(str(each), str(each)))


def _task_status(task: SpecialTaskRow, today: date) -> str:
    if task.closed_at:
        return "closed"
    return "over" if task.last < today else "open" if task.first <= today else "not_yet"


def _category_row(
    stored: StoredCategory, main_names: Mapping[str, str], line_names: Mapping[str, str]
) -> Sequence[Value]:
    category = stored.category
    return (
        category.key,
        category.name_zh,
        category.name_en,
        main_names.get(category.main_category, category.main_category),
        category.access_class.value,
        line_names.get(category.line_of_work or "", category.line_of_work),
        category.purpose,
        category.legal_basis,
    )


def _text(text: str) -> str:
    return translate(text, current_language())
