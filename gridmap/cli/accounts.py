"""The owner's commands for accounts: the first admin is made here, and whoever locked everybody out is helped here."""

from datetime import datetime
from typing import Any

import click

from gridmap.cli.options import HELP, answering
from gridmap.cli.owner import database
from gridmap.cli.voice import Exit, Voice
from gridmap.core.errors import N_, Message
from gridmap.core.names import Role

MADE = N_("Account {name} is made. One-time password, shown this once: {password}")
GIVEN = N_("One-time password of {name}, shown this once: {password}")
LINE = N_("{name} · {role} · {display_name} · {places}{state}")
OUT = N_("Account {name} is out of use.")
BACK = N_("Account {name} is in use again.")
DAY = click.DateTime(("%Y-%m-%d",))


@click.group(help=N_("Keep accounts: add, list, give a one-time password, put out of use."))
@click.help_option(help=HELP)
def account() -> None:
    """Keep accounts."""


@account.command(help=N_("Add an account; the first one of a subdistrict is its administrator."))
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help=N_("What it may do."))
@click.option("--subdistrict", required=True, metavar="CODE", help=N_("Subdistrict it works in."))
@click.option("--community", metavar="CODE", help=N_("Only this community of it."))
@click.option("--grid", metavar="CODE", help=N_("Only this grid of the community."))
@click.option("--last", type=DAY, metavar="DATE", help=N_("Last day, if its work there ends."))
@click.option("--display-name", default="", help=N_("Name shown on pages; else the name."))
@answering
def add(voice: Voice, name: str, role: str, display_name: str, last: datetime | None, **codes: Any) -> Exit:
    """Add one, with a one-time password."""
    from gridmap.services import accounts
    from gridmap.services.scopes import Place

    place = Place(**codes, last=last.date() if last else None)
    with database(voice).transaction() as session:
        _, password = accounts.make_account(session, name, Role(role), display_name, place)
    return _told(voice, MADE, name, password)


@account.command(name="list", help=N_("List all accounts: role, where they work, whether they are in use."))
@answering
def listed(voice: Voice) -> Exit:
    """List."""
    from gridmap.services import accounts

    with database(voice).transaction() as session:
        rows = [_row(each) for each in accounts.accounts(session)]
    voice.tell(*(Message(LINE, {**row, "state": "" if row["active"] else " · –"}) for row in rows))
    voice.give({"accounts": rows})
    return Exit.FINE


@account.command(help=N_("Give an account a one-time password; it is signed out everywhere."))
@click.argument("name")
@answering
def password(voice: Voice, name: str) -> Exit:
    """Give a one-time password."""
    from gridmap.services import accounts

    with database(voice).transaction() as session:
        given = accounts.recover(session, accounts.named(session, name).id)
    return _told(voice, GIVEN, name, given)


@account.command(help=N_("Put an account out of use; it is signed out everywhere, and nothing of it is deleted."))
@click.argument("name")
@click.option("--undo", is_flag=True, help=N_("Put it in use again."))
@answering
def deactivate(voice: Voice, name: str, undo: bool) -> Exit:
    """Put out of use, or in use again."""
    from gridmap.services import accounts

    with database(voice).transaction() as session:
        accounts.set_active(session, accounts.named(session, name).id, active=undo)
    voice.tell(Message(BACK if undo else OUT, {"name": name}))
    voice.give({"name": name, "active": undo})
    return Exit.FINE


def _row(each: Any) -> dict[str, Any]:
    now = (scope for scope in each.scopes if not scope.over)
    places = (" / ".join(filter(None, (scope.subdistrict, scope.community, scope.grid))) for scope in now)
    known = {"name": each.name, "role": each.role.value, "display_name": each.display_name}
    return {**known, "places": ", ".join(places), "active": each.active}


def _told(voice: Voice, sentence: str, name: str, password: str) -> Exit:
    values = {"name": name, "password": password}
    voice.tell(Message(sentence, values))
    voice.give(values)
    return Exit.FINE
