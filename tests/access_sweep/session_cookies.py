"""Stolen session cookies, which must be invalid after a sign-out, a new password, and the end of a scope or account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask.testing import FlaskClient

from gridmap.services.accounts import accounts
from gridmap.store.session import Database
from gridmap.web.navigation import ACCOUNT_PATH, SIGN_OUT_PATH
from tests.access_sweep import fixtures
from tests.access_sweep.fixtures import PASSWORD, Persona, SweepData, SweptSubdistrict
from tests.access_sweep.oracle import Leak
from tests.access_sweep.persona_client import CSRF_FIELD, FormParser, PersonaClient
from tests.access_sweep.sweep import Sweep, open_sweep
from tests.fixtures.callers import caller_of

NEW_PASSWORD = "nine herons over the weir"
PROBED_PATHS = (ACCOUNT_PATH, "/api/v1/me", "/api/v1/subdistricts", "/residents")


@dataclass(frozen=True)
class StolenCookie:
    """A signed-in client, and a second client with a copy of its cookie."""

    sweep: Sweep
    browser: PersonaClient
    client: FlaskClient

    @property
    def persona(self) -> Persona:
        """Persona of the cookie."""
        return self.browser.persona

    @property
    def subdistrict(self) -> SweptSubdistrict:
        """Subdistrict of the persona."""
        assert self.persona.subdistrict
        return self.persona.subdistrict

    def opened_paths(self) -> list[str]:
        """Return the paths that the copy opens."""
        return [path for path in PROBED_PATHS if self.client.get(path).status_code == 200]

    def leaking_paths(self) -> list[str]:
        """Return the paths where the copy discloses the subdistrict."""
        code = f"{self.subdistrict.code}{self.subdistrict.text_tag}"
        answers = {path: self.client.get(path) for path in ("/api/v1/subdistricts", f"/subdistricts/{code}")}
        return [path for path, answer in answers.items() if answer.status_code == 200 and code in answer.text]


def find_leaks(sweep_data: SweepData) -> list[Leak]:
    """Return leaks by cookies that are still valid after the end of their session."""
    sweep = open_sweep(sweep_data)
    try:
        return [leak for ending, functions in ENDINGS.items() for leak in _leaks_after(sweep, ending, *functions)]
    finally:
        fixtures.restore_accounts(sweep_data)
        sweep.close()


def _leaks_after(sweep: Sweep, ending: str, end_session: "EndSession", usable_paths: "UsablePaths") -> Iterator[Leak]:
    cookie = _copy_cookie(sweep, "station")
    if not usable_paths(cookie):
        raise RuntimeError(f"{cookie.persona.name} was not signed in")
    end_session(cookie)
    for path in usable_paths(cookie):
        yield Leak(cookie.persona.name, "GET", path, f"an old cookie is valid after {ending}")
    fixtures.restore_accounts(sweep.sweep_data)


def _copy_cookie(sweep: Sweep, role: str) -> StolenCookie:
    persona = next(each for each in sweep.sweep_data.personas if each.name.startswith(role))
    browser = sweep.open_client(persona)
    client, name = sweep.app.test_client(), sweep.app.config["SESSION_COOKIE_NAME"]
    client.set_cookie(name, browser.client.get_cookie(name).value)  # type: ignore[union-attr]
    return StolenCookie(sweep, browser, client)


@contextmanager
def _admin_of(cookie: StolenCookie) -> Iterator[tuple[Database, str | None]]:
    """Yield the database of accounts and the session token of the admin of the same subdistrict."""
    admin = next(each for each in cookie.sweep.sweep_data.personas_of(cookie.subdistrict) if each.role == "admin")
    database = Database(cookie.sweep.sweep_data.auth_url, pool_size=1)
    try:
        yield database, admin.token
    finally:
        database.close()


def sign_out(cookie: StolenCookie) -> None:
    cookie.browser.client.post(SIGN_OUT_PATH, data={CSRF_FIELD: cookie.browser.csrf_token()})


def change_password(cookie: StolenCookie) -> None:
    page = f"{ACCOUNT_PATH}/password"
    fields = FormParser(cookie.browser.client.get(page).text).fields
    changes = {"current_password": PASSWORD, "password": NEW_PASSWORD, "repeat_password": NEW_PASSWORD}
    if (status := cookie.browser.client.post(page, data={**fields, **changes}).status_code) != 303:
        raise RuntimeError(f"the password was not changed: {status}")


def replace_password(cookie: StolenCookie) -> None:
    with _admin_of(cookie) as (database, admin), database.transaction(admin) as session:
        accounts.reset_password(session, caller_of(session), cookie.persona.account_id or 0)


def deactivate_account(cookie: StolenCookie) -> None:
    with _admin_of(cookie) as (database, admin), database.transaction(admin) as session:
        accounts.set_active(session, caller_of(session), cookie.persona.account_id or 0, active=False)


def reactivate_account(cookie: StolenCookie) -> None:
    deactivate_account(cookie)
    with _admin_of(cookie) as (database, admin), database.transaction(admin) as session:
        accounts.set_active(session, caller_of(session), cookie.persona.account_id or 0, active=True)


def end_scopes(cookie: StolenCookie) -> None:
    with _admin_of(cookie) as (database, admin), database.transaction(admin) as session:
        for scope in accounts.get_account(session, caller_of(session), cookie.persona.account_id or 0).scopes:
            accounts.end_scope(session, caller_of(session), cookie.persona.account_id or 0, scope.id)


EndSession = Callable[[StolenCookie], None]
UsablePaths = Callable[[StolenCookie], list[str]]
ENDINGS: dict[str, tuple[EndSession, UsablePaths]] = {
    "a sign-out": (sign_out, StolenCookie.opened_paths),
    "a new password": (change_password, StolenCookie.opened_paths),
    "a reset by the admin": (replace_password, StolenCookie.opened_paths),
    "the end of the account": (deactivate_account, StolenCookie.opened_paths),
    "the end and the return of the account": (reactivate_account, StolenCookie.opened_paths),
    "the end of the scope": (end_scopes, StolenCookie.leaking_paths),
}
