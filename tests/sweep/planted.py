"""Leaks made on purpose: a sweep that does not find each of them proves nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from flask import Response, abort
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from gridmap.core.errors import N_, BadInput, Fault, Message
from gridmap.core.names import Role
from gridmap.store.schema import Community, Plan
from gridmap.web import current
from gridmap.web.access import public, roles
from tests.sweep import direct
from tests.sweep.country import Country
from tests.sweep.judging import Leak
from tests.sweep.layers import without_filter
from tests.sweep.sweep import opened

WHERE = "/planted"
FUNCTION = (
    "CREATE FUNCTION planted(community bigint) RETURNS text LANGUAGE sql SECURITY DEFINER"
    " AS $$ SELECT name FROM community c WHERE c.id = community $$"
)
everybody = roles(*Role)


def found(land: Country) -> dict[str, list[Leak]]:
    """What is found of each leak, by what is wrong."""
    return {what: look(land) for what, look in PLANTED.items()}


def undone(land: Country, statement: str, back: str) -> AbstractContextManager[None]:
    """The owner's change of the database, taken back at the end."""

    @contextmanager
    def changed() -> Iterator[None]:
        engine = create_engine(land.owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as owner:
            owner.execute(text(statement))
            try:
                yield
            finally:
                owner.execute(text(back))

    return changed()


def bare(land: Country, table: str) -> AbstractContextManager[None]:
    """A table without policies."""
    return undone(land, *(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY" for word in ("DISABLE", "ENABLE")))


def name_of(land: Country, community: int) -> str:
    """Asked as the owner, who sees everything."""
    with create_engine(land.owner, poolclass=NullPool).connect() as owner:
        return str(owner.scalar(select(Community.name).where(Community.id == community)) or abort(404))


def plan_of(land: Country, community: int) -> str:
    """What is nobody's outside the office."""
    with create_engine(land.owner, poolclass=NullPool).connect() as owner:
        return str(owner.scalar(select(Plan.name).where(Plan.community_id == community)) or abort(404))


def unfiltered(_: Country, community: int) -> str:
    """Asked as the application, without the filter."""
    return str(current.session().scalar(select(Community.name).where(Community.id == community)) or abort(404))


def echoing(land: Country, community: int) -> str:
    raise BadInput([Fault(Message(N_("there is no such page")), value=name_of(land, community))])


def in_a_header(land: Country, community: int) -> Response:
    return Response("", headers={"X-Name": name_of(land, community)})


def kept(land: Country, community: int) -> Response:
    return Response(unfiltered(land, community), headers={"Cache-Control": "public, max-age=60"})


def telling_apart(land: Country, community: int) -> str:
    return abort(403 if name_of(land, community) else 404)


def broken(_: Country, community: int) -> str:
    return str(1 // (community - community))


def by_the_web(
    view: Callable[[Country, int], Any], land: Country, mark: Callable[[Any], Any] = everybody
) -> list[Leak]:
    """What the sweep says of a view."""
    app = opened(land).app

    def planted(community: int) -> Any:
        return view(land, community)

    app.add_url_rule(f"{WHERE}/<int:community>", "planted", mark(planted))
    return _asked(land, app)


def without_a_token(land: Country) -> list[Leak]:
    """A form that is taken from anywhere."""
    app = opened(land).app
    view = app.extensions["csrf"].exempt(everybody(lambda community: abort(404) if str(community)[0] == "7" else ""))
    app.add_url_rule(f"{WHERE}/<int:community>", "planted", view, methods=["POST"])
    return _asked(land, app)


def written(land: Country) -> list[Leak]:
    """A form that changes what is foreign, and says that it is not there."""
    app = opened(land).app

    def planted(community: int) -> str:
        with create_engine(land.owner, poolclass=NullPool).begin() as owner:
            owner.execute(text(f"UPDATE community SET name = name || 'x' WHERE id = {community:d}"))
        return abort(404)

    app.add_url_rule(f"{WHERE}/<int:community>", "planted", everybody(planted), methods=["POST"])
    return _asked(land, app)


def without_a_policy(land: Country) -> list[Leak]:
    """A table without policies, and a query without a filter."""
    with bare(land, "community"), without_filter():
        return by_the_web(unfiltered, land)


def in_a_table(land: Country) -> list[Leak]:
    """The same without the web."""
    with bare(land, "incident"):
        return direct.leaks(land, quick=True)


def in_a_function(land: Country) -> list[Leak]:
    """A function with rights of its own that asks nobody who calls."""
    with undone(land, FUNCTION, "DROP FUNCTION planted"):
        return direct.leaks(land, quick=True)


def in_a_dump(land: Country) -> list[Leak]:
    """A number that somebody wrote down in clear."""
    number = land.numbers[land.sides[0].mark][0].decode()
    with undone(land, f"COMMENT ON TABLE resident IS 'such as {number}'", "COMMENT ON TABLE resident IS NULL"):
        return direct.in_dump(land)


def _asked(land: Country, app: Any) -> list[Leak]:
    try:
        return opened(land, app, quick=True, only=WHERE).run().leaks
    finally:
        app.extensions[current.DATABASE].close()


PLANTED: dict[str, Callable[[Country], list[Leak]]] = {
    "a query as the owner": partial(by_the_web, name_of),
    "a public page with data": lambda land: by_the_web(plan_of, land, public),
    "an error that repeats a name": partial(by_the_web, echoing),
    "a header with a name": partial(by_the_web, in_a_header),
    "an answer that others may keep": partial(by_the_web, kept),
    "a refusal that tells what is there": partial(by_the_web, telling_apart),
    "an error of ours": partial(by_the_web, broken),
    "a form without its token": without_a_token,
    "a change of what is foreign": written,
    "no policy and no filter": without_a_policy,
    "a table without policies": in_a_table,
    "a function that asks nobody": in_a_function,
    "a number in clear in a dump": in_a_dump,
}
