"""Commands of the owner for accounts, such as the first administrator or a forgotten password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from gridmap.cli.options import DATE, HELP_TEXT, date_of, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role

if TYPE_CHECKING:
    from gridmap.services.accounts.accounts import AccountSummary

ACCOUNT_CREATED = N_("Account {name} is created. One-time password, shown only once: {password}")
PASSWORD_RESET = N_("One-time password of {name}, shown only once: {password}")
ACCOUNT_LINE = "{name} · {role} · {display_name} · {places}"
INACTIVE_ACCOUNT_LINE = ACCOUNT_LINE + " · –"
ACCOUNT_DEACTIVATED = N_("Account {name} is deactivated.")
SECOND_FACTOR_RESET = N_("Account {name} has no second factor any more, and is signed out everywhere.")
ROLES_REQUIRED = N_("Roles that need a second factor: {roles}.")
NO_ROLE_REQUIRED = N_("No role needs a second factor.")
LINE_GIVEN = N_("{name} has the service line {line} now.")
LINE_ENDED = N_("{name} sees nothing by the service line {line} any more.")
ACCOUNT_REACTIVATED = N_("Account {name} is active again.")


@click.group(help=N_("Manage accounts: add, list, issue a one-time password, deactivate."))
@click.help_option(help=HELP_TEXT)
def account() -> None:
    """Group the commands for accounts."""


@account.command(help=N_("Add an account; the first account of a subdistrict is its administrator."))
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), required=True, help=N_("Role of the account.")
)
@click.option("--subdistrict", required=True, metavar="CODE", help=N_("Subdistrict of its scope."))
@click.option("--community", metavar="CODE", help=N_("Only this community of the subdistrict."))
@click.option("--grid", metavar="CODE", help=N_("Only this grid of the community."))
@click.option("--last", type=DATE, metavar="DATE", help=N_("Last day of the scope, if it ends."))
@click.option("--may-approve", is_flag=True, help=N_("A planner may approve plans there; leaders always may."))
@click.option("--display-name", default="", help=N_("Name shown on pages; default: the name to sign in with."))
@output_options
def add(
    out: Output,
    name: str,
    role: str,
    display_name: str,
    last: datetime | None,
    may_approve: bool,
    **codes: str | None,
) -> ExitCode:
    """Add an account, and print its one-time password."""
    from gridmap.services.accounts import accounts
    from gridmap.services.accounts.scopes import ScopeRequest
    from gridmap.services.operations.database import open_database

    subdistrict = str(codes["subdistrict"])
    places = subdistrict, codes["community"], codes["grid"]
    scope = ScopeRequest(*places, last=date_of(last), can_approve=may_approve)
    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        _, password = accounts.create_account(session, OWNER, name, Role(role), display_name, scope)
    return _report_password(out, ACCOUNT_CREATED, name, password)


@account.command(name="list", help=N_("List all accounts with their roles and scopes, and whether they are active."))
@output_options
def list_accounts(out: Output) -> ExitCode:
    """List all accounts."""
    from gridmap.services.accounts import accounts
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        rows = [_account_values(summary) for summary in accounts.list_accounts(session, OWNER)]
    out.print_text(*map(_account_line, rows))
    out.print_json({"accounts": rows})
    return ExitCode.OK


def _account_line(row: Mapping[str, object]) -> Message:
    template = ACCOUNT_LINE if row["active"] else INACTIVE_ACCOUNT_LINE
    return Message(template, row)


@account.command(help=N_("Issue a one-time password to an account, and sign it out everywhere."))
@click.argument("name")
@output_options
def password(out: Output, name: str) -> ExitCode:
    """Issue a one-time password."""
    from gridmap.services.accounts import accounts
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        account_id = accounts.get_account_by_name(session, OWNER, name).id
        new_password = accounts.reset_password(session, OWNER, account_id)
    return _report_password(out, PASSWORD_RESET, name, new_password)


@account.command(help=N_("Deactivate an account, and sign it out everywhere; nothing is deleted."))
@click.argument("name")
@click.option("--undo", is_flag=True, help=N_("Activate it again."))
@output_options
def deactivate(out: Output, name: str, undo: bool) -> ExitCode:
    """Deactivate an account, or activate it again."""
    from gridmap.services.accounts import accounts
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        accounts.set_active(session, OWNER, accounts.get_account_by_name(session, OWNER, name).id, active=undo)
    out.print_text(Message(ACCOUNT_REACTIVATED if undo else ACCOUNT_DEACTIVATED, {"name": name}))
    out.print_json({"name": name, "active": undo})
    return ExitCode.OK


@account.command(
    name="reset-second-factor",
    help=N_("Remove the second factor of an account whose phone and recovery codes are lost; signs it out everywhere."),
)
@click.argument("name")
@output_options
def reset_second_factor(out: Output, name: str) -> ExitCode:
    """Remove the second factor of an account."""
    from gridmap.services.accounts import accounts, second_factor
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        account_id = accounts.get_account_by_name(session, OWNER, name).id
        second_factor.reset_second_factor(session, OWNER, account_id)
    out.print_text(Message(SECOND_FACTOR_RESET, {"name": name}))
    out.print_json({"name": name})
    return ExitCode.OK


@account.command(
    name="require-second-factor",
    help=N_("Print or set the roles that need a second factor; a new installation needs it for admin and station."),
)
@click.argument("roles", nargs=-1, type=click.Choice([role.value for role in Role]), metavar="[ROLE]...")
@click.option("--none", "for_none", is_flag=True, help=N_("No role needs one: only for demos and rehearsals."))
@output_options
def require_second_factor(out: Output, roles: tuple[str, ...], for_none: bool) -> ExitCode:
    """Print or set the roles that need a second factor."""
    from gridmap.services.accounts import second_factor
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        if roles or for_none:
            second_factor.require_for_roles(session, [] if for_none else [Role(role) for role in roles])
        required = [role.value for role in second_factor.list_required_roles(session)]
    out.print_text(Message(ROLES_REQUIRED if required else NO_ROLE_REQUIRED, {"roles": ", ".join(required)}))
    out.print_json({"roles": required})
    return ExitCode.OK


@account.command(name="give-line", help=N_("Give a leader a service line; a sensitive one needs --last and a basis."))
@click.argument("name")
@click.argument("line")
@click.option("--community", metavar="CODE", help=N_("Place of the leader, where there are several."))
@click.option("--last", type=DATE, metavar="DATE", help=N_("Last day of the line, if it ends."))
@click.option("--legal-basis", default="", metavar="TEXT", help=N_("Legal basis, for example an article."))
@output_options
def give_line(
    out: Output, name: str, line: str, community: str | None, last: datetime | None, legal_basis: str
) -> ExitCode:
    """Give a leader a service line."""
    from gridmap.services.accounts import accounts, line_grants
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        account_id = accounts.get_account_by_name(session, OWNER, name).id
        choices = line_grants.list_choices(session, OWNER, account_id)
        found = line_grants.find_request(choices, line, community)
        request = replace(found, last=date_of(last), legal_basis=legal_basis)
        line_grants.give_line(session, OWNER, account_id, request)
    return _report_line(out, LINE_GIVEN, name, line)


@account.command(name="end-line", help=N_("End a service line of a leader at once, in every place."))
@click.argument("name")
@click.argument("line")
@output_options
def end_line(out: Output, name: str, line: str) -> ExitCode:
    """End a service line of a leader."""
    from gridmap.services.accounts import accounts, line_grants
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        account_id = accounts.get_account_by_name(session, OWNER, name).id
        line_grants.end_lines_by_key(session, OWNER, account_id, line)
    return _report_line(out, LINE_ENDED, name, line)


def _report_line(out: Output, template: str, name: str, line: str) -> ExitCode:
    values = {"name": name, "line": line}
    out.print_text(Message(template, values))
    out.print_json(values)
    return ExitCode.OK


def _account_values(summary: AccountSummary) -> dict[str, object]:
    scopes = (scope for scope in summary.scopes if not scope.is_over)
    places = (" / ".join(filter(None, (scope.subdistrict, scope.community, scope.grid))) for scope in scopes)
    names = {"name": summary.name, "role": summary.role.value, "display_name": summary.display_name}
    return {**names, "places": ", ".join(places), "active": summary.active}


def _report_password(out: Output, template: str, name: str, password: str) -> ExitCode:
    values = {"name": name, "password": password}
    out.print_text(Message(template, values))
    out.print_json(values)
    return ExitCode.OK
