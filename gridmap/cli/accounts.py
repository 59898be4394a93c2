"""The owner's commands for accounts: the first admin is made here, and whoever locked everybody out is helped here."""

from datetime import datetime
from typing import Any

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.owner_database import open_database
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role

ACCOUNT_CREATED = N_("Account {name} is made. One-time password, shown this once: {password}")
PASSWORD_RESET = N_("One-time password of {name}, shown this once: {password}")
ACCOUNT_LINE = N_("{name} · {role} · {display_name} · {places}{state}")
ACCOUNT_DEACTIVATED = N_("Account {name} is out of use.")
ACCOUNT_REACTIVATED = N_("Account {name} is in use again.")
DATE = click.DateTime(("%Y-%m-%d",))


@click.group(help=N_("Keep accounts: add, list, give a one-time password, put out of use."))
@click.help_option(help=HELP_TEXT)
def account() -> None:
    """Keep accounts."""


@account.command(help=N_("Add an account; the first one of a subdistrict is its administrator."))
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help=N_("What it may do."))
@click.option("--subdistrict", required=True, metavar="CODE", help=N_("Subdistrict it works in."))
@click.option("--community", metavar="CODE", help=N_("Only this community of it."))
@click.option("--grid", metavar="CODE", help=N_("Only this grid of the community."))
@click.option("--last", type=DATE, metavar="DATE", help=N_("Last day, if its work there ends."))
@click.option("--display-name", default="", help=N_("Name shown on pages; else the name."))
@output_options
def add(out: Output, name: str, role: str, display_name: str, last: datetime | None, **codes: Any) -> ExitCode:
    """Add one, with a one-time password."""
    from gridmap.services.accounts import accounts
    from gridmap.services.accounts.scopes import ScopeRequest

    place = ScopeRequest(**codes, last=last.date() if last else None)
    with open_database(out).transaction() as session:
        _, password = accounts.create_account(session, OWNER, name, Role(role), display_name, place)
    return _report_password(out, ACCOUNT_CREATED, name, password)


@account.command(name="list", help=N_("List all accounts: role, where they work, whether they are in use."))
@output_options
def list_accounts(out: Output) -> ExitCode:
    """List."""
    from gridmap.services.accounts import accounts

    with open_database(out).transaction() as session:
        rows = [_account_values(each) for each in accounts.list_accounts(session, OWNER)]
    out.print_text(*(Message(ACCOUNT_LINE, {**row, "state": "" if row["active"] else " · –"}) for row in rows))
    out.print_json({"accounts": rows})
    return ExitCode.OK


@account.command(help=N_("Give an account a one-time password; it is signed out everywhere."))
@click.argument("name")
@output_options
def password(out: Output, name: str) -> ExitCode:
    """Give a one-time password."""
    from gridmap.services.accounts import accounts

    with open_database(out).transaction() as session:
        given = accounts.reset_password(session, OWNER, accounts.get_account_by_name(session, OWNER, name).id)
    return _report_password(out, PASSWORD_RESET, name, given)


@account.command(help=N_("Put an account out of use; it is signed out everywhere, and nothing of it is deleted."))
@click.argument("name")
@click.option("--undo", is_flag=True, help=N_("Put it in use again."))
@output_options
def deactivate(out: Output, name: str, undo: bool) -> ExitCode:
    """Put out of use, or in use again."""
    from gridmap.services.accounts import accounts

    with open_database(out).transaction() as session:
        accounts.set_active(session, OWNER, accounts.get_account_by_name(session, OWNER, name).id, active=undo)
    out.print_text(Message(ACCOUNT_REACTIVATED if undo else ACCOUNT_DEACTIVATED, {"name": name}))
    out.print_json({"name": name, "active": undo})
    return ExitCode.OK


def _account_values(summary: Any) -> dict[str, Any]:
    now = (scope for scope in summary.scopes if not scope.over)
    places = (" / ".join(filter(None, (scope.subdistrict, scope.community, scope.grid))) for scope in now)
    known = {"name": summary.name, "role": summary.role.value, "display_name": summary.display_name}
    return {**known, "places": ", ".join(places), "active": summary.active}


def _report_password(out: Output, template: str, name: str, password: str) -> ExitCode:
    values = {"name": name, "password": password}
    out.print_text(Message(template, values))
    out.print_json(values)
    return ExitCode.OK
