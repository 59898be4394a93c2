"""Cookies kept from before: after a sign-out, a new password, the end of a scope or account they are worth nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask.testing import FlaskClient

from gridmap.services import accounts
from gridmap.store.session import Database
from gridmap.web.frame import OWN_ACCOUNT, SIGN_OUT
from tests.sweep import country
from tests.sweep.browser import TOKEN, Browser, Form
from tests.sweep.country import PASSWORD, Country, Persona, Side
from tests.sweep.judging import Leak
from tests.sweep.sweep import Sweep, opened

NEW = "nine herons over the weir"
PLACES = (OWN_ACCOUNT, "/api/v1/me", "/api/v1/subdistricts", "/people")


@dataclass(frozen=True)
class Held:
    """A browser at hand, and a copy of its cookie that nothing updates."""

    sweep: Sweep
    browser: Browser
    copy: FlaskClient

    @property
    def persona(self) -> Persona:
        """Whose it is."""
        return self.browser.persona

    @property
    def home(self) -> Side:
        """Where the person works."""
        assert self.persona.home
        return self.persona.home

    def opens(self) -> list[str]:
        """Places that the copy opens."""
        return [place for place in PLACES if self.copy.get(place).status_code == 200]

    def tells(self) -> list[str]:
        """Places where the copy tells of the subdistrict."""
        code = f"{self.home.code}{self.home.mark}"
        answers = {place: self.copy.get(place) for place in ("/api/v1/subdistricts", f"/subdistricts/{code}")}
        return [place for place, answer in answers.items() if answer.status_code == 200 and code in answer.text]


def leaks(land: Country) -> list[Leak]:
    """Old cookies that still open something, or tell of what is over."""
    sweep = opened(land)
    try:
        return [leak for end, (finish, worth) in ENDS.items() for leak in _after(sweep, end, finish, worth)]
    finally:
        country.restored(land)
        sweep.close()


def _after(sweep: Sweep, end: str, finish: "Finish", worth: "Worth") -> Iterator[Leak]:
    held = _held(sweep, "station")
    if not worth(held):
        raise RuntimeError(f"{held.persona.name} was not signed in")
    finish(held)
    yield from (Leak(held.persona.name, "GET", place, f"an old cookie is good after: {end}") for place in worth(held))
    country.restored(sweep.country)


def _held(sweep: Sweep, role: str) -> Held:
    persona = next(each for each in sweep.country.personas if each.name.startswith(role))
    browser = sweep.browser(persona)
    copied, name = sweep.app.test_client(), sweep.app.config["SESSION_COOKIE_NAME"]
    copied.set_cookie(name, browser.client.get_cookie(name).value)  # type: ignore[union-attr]
    return Held(sweep, browser, copied)


@contextmanager
def _admin(held: Held) -> Iterator[tuple[Database, int]]:
    """The application's database, and the admin of the same subdistrict."""
    admin = next(each for each in held.sweep.country.at_home(held.home) if each.role == "admin")
    database = Database(held.sweep.country.app, pool_size=1)
    try:
        yield database, admin.account or 0
    finally:
        database.close()


def signed_out(held: Held) -> None:
    held.browser.client.post(SIGN_OUT, data={TOKEN: held.browser.token()})


def password_changed(held: Held) -> None:
    page = f"{OWN_ACCOUNT}/password"
    fields = Form(held.browser.client.get(page).text).fields
    typed = {**fields, "old": PASSWORD, "password": NEW, "again": NEW}
    if (status := held.browser.client.post(page, data=typed).status_code) != 303:
        raise RuntimeError(f"the password was not changed: {status}")


def password_replaced(held: Held) -> None:
    with _admin(held) as (database, admin), database.transaction(admin) as session:
        accounts.recover(session, held.persona.account or 0)


def out_of_use(held: Held) -> None:
    with _admin(held) as (database, admin), database.transaction(admin) as session:
        accounts.set_active(session, held.persona.account or 0, active=False)


def out_of_use_and_in_again(held: Held) -> None:
    out_of_use(held)
    with _admin(held) as (database, admin), database.transaction(admin) as session:
        accounts.set_active(session, held.persona.account or 0, active=True)


def scope_ended(held: Held) -> None:
    with _admin(held) as (database, admin), database.transaction(admin) as session:
        for scope in accounts.one(session, held.persona.account or 0).scopes:
            accounts.end_scope(session, held.persona.account or 0, scope.id)


Finish = Callable[[Held], None]
Worth = Callable[[Held], list[str]]
ENDS: dict[str, tuple[Finish, Worth]] = {
    "signing out": (signed_out, Held.opens),
    "a new password": (password_changed, Held.opens),
    "a password from the admin": (password_replaced, Held.opens),
    "the end of the account": (out_of_use, Held.opens),
    "the end of the account, and its return": (out_of_use_and_in_again, Held.opens),
    "the end of the scope": (scope_ended, Held.tells),
}
