"""Deliberate leaks; the sweep must find each of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from flask import Response, abort
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import Role
from gridmap.store.schema import Community, Plan
from gridmap.web import context
from gridmap.web.access import public, roles_required
from tests.access_sweep import sql
from tests.access_sweep.communities.narrow_leaks import NARROW_LEAKS
from tests.access_sweep.defence_layers import without_filter
from tests.access_sweep.fixtures import SweepData, owner_engine
from tests.access_sweep.oracle import Leak
from tests.access_sweep.sweep import open_sweep
from tests.fixtures.web_app import close_databases

SEEDED_PATH = "/seeded"
SEEDED_FUNCTION = (
    "CREATE FUNCTION seeded_leak(p_community_id bigint) RETURNS text LANGUAGE sql SECURITY DEFINER"
    " AS $$ SELECT name FROM community WHERE id = p_community_id $$"
)
all_roles = roles_required(*Role)


def find_seeded_leaks(sweep_data: SweepData) -> dict[str, list[Leak]]:
    """Return the findings of each leak, by the kind of fault."""
    return {fault: find(sweep_data) for fault, find in SEEDED_LEAKS.items()}


def temporary_change(sweep_data: SweepData, statement: str, undo_statement: str) -> AbstractContextManager[None]:
    """Change the database as its owner and undo the change at the end."""

    @contextmanager
    def change() -> Iterator[None]:
        engine = create_engine(sweep_data.owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as owner:
            owner.execute(text(statement))
            try:
                yield
            finally:
                owner.execute(text(undo_statement))

    return change()


def without_table_policy(sweep_data: SweepData, table: str) -> AbstractContextManager[None]:
    """Disable the policies of a table."""
    return temporary_change(
        sweep_data, *(f"ALTER TABLE {table} {action} ROW LEVEL SECURITY" for action in ("DISABLE", "ENABLE"))
    )


def community_name(sweep_data: SweepData, community_id: int) -> str:
    """Return the name of a community, read as the owner of the database."""
    with owner_engine(sweep_data.owner_url).connect() as owner:
        return str(owner.scalar(select(Community.name).where(Community.id == community_id)) or abort(404))


def plan_name(sweep_data: SweepData, community_id: int) -> str:
    """Return the name of a plan, read as the owner of the database."""
    with owner_engine(sweep_data.owner_url).connect() as owner:
        return str(owner.scalar(select(Plan.name).where(Plan.community_id == community_id)) or abort(404))


def unfiltered_name(_: SweepData, community_id: int) -> str:
    """Return the name of a community, read as the application without the filter."""
    return str(context.session().scalar(select(Community.name).where(Community.id == community_id)) or abort(404))


def name_in_error(sweep_data: SweepData, community_id: int) -> str:
    raise InvalidInput(
        [InputFault(Message(N_("there is no such page")), value=community_name(sweep_data, community_id))]
    )


def name_in_header(sweep_data: SweepData, community_id: int) -> Response:
    return Response("", headers={"X-Name": community_name(sweep_data, community_id)})


def cacheable_name(sweep_data: SweepData, community_id: int) -> Response:
    return Response(unfiltered_name(sweep_data, community_id), headers={"Cache-Control": "public, max-age=60"})


def status_by_existence(sweep_data: SweepData, community_id: int) -> str:
    return abort(403 if community_name(sweep_data, community_id) else 404)


def internal_error(_: SweepData, community_id: int) -> str:
    return str(1 // (community_id - community_id))


def leaks_of_view(
    view: Callable[[SweepData, int], Any], sweep_data: SweepData, access_decorator: Callable[[Any], Any] = all_roles
) -> list[Leak]:
    """Return the findings of the sweep for a view."""
    app = open_sweep(sweep_data).app

    def seeded_view(community: int) -> Any:
        return view(sweep_data, community)

    app.add_url_rule(f"{SEEDED_PATH}/<int:community>", "seeded", access_decorator(seeded_view))
    return _sweep_seeded(sweep_data, app)


def leaks_without_csrf_token(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a form without CSRF protection."""
    app = open_sweep(sweep_data).app
    view = app.extensions["csrf"].exempt(all_roles(lambda community: abort(404) if str(community)[0] == "7" else ""))
    app.add_url_rule(f"{SEEDED_PATH}/<int:community>", "seeded", view, methods=["POST"])
    return _sweep_seeded(sweep_data, app)


def leaks_of_foreign_write(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a form that changes foreign rows and responds with 404."""
    app = open_sweep(sweep_data).app

    def seeded_view(community: int) -> str:
        with owner_engine(sweep_data.owner_url).begin() as owner:
            owner.execute(text(f"UPDATE community SET name = name || 'x' WHERE id = {community:d}"))
        return abort(404)

    app.add_url_rule(f"{SEEDED_PATH}/<int:community>", "seeded", all_roles(seeded_view), methods=["POST"])
    return _sweep_seeded(sweep_data, app)


def leaks_without_policy_and_filter(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a table without policies and a query without the filter."""
    with without_table_policy(sweep_data, "community"), without_filter():
        return leaks_of_view(unfiltered_name, sweep_data)


def leaks_without_table_policy(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a table without policies, found by SQL."""
    with without_table_policy(sweep_data, "incident"):
        return sql.find_leaks(sweep_data, quick=True)


def leaks_of_function(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a SECURITY DEFINER function that does not check its caller."""
    with temporary_change(sweep_data, SEEDED_FUNCTION, "DROP FUNCTION seeded_leak"):
        return sql.find_leaks(sweep_data, quick=True)


def leaks_in_dump(sweep_data: SweepData) -> list[Leak]:
    """Return the leaks of a number stored in clear text."""
    number = sweep_data.sensitive_numbers[sweep_data.subdistricts[0].text_tag][0].decode()
    with temporary_change(
        sweep_data, f"COMMENT ON TABLE resident IS 'such as {number}'", "COMMENT ON TABLE resident IS NULL"
    ):
        return sql.dump_leaks(sweep_data)


def _sweep_seeded(sweep_data: SweepData, app: Any) -> list[Leak]:
    try:
        return open_sweep(sweep_data, app, quick=True, path_prefix=SEEDED_PATH).run().leaks
    finally:
        close_databases(app)


SEEDED_LEAKS: dict[str, Callable[[SweepData], list[Leak]]] = {
    "a query as the owner": partial(leaks_of_view, community_name),
    "a public page with data": lambda sweep_data: leaks_of_view(plan_name, sweep_data, public),
    "an error that repeats a name": partial(leaks_of_view, name_in_error),
    "a header with a name": partial(leaks_of_view, name_in_header),
    "a response that shared caches may store": partial(leaks_of_view, cacheable_name),
    "a refusal that reveals existing rows": partial(leaks_of_view, status_by_existence),
    "an internal error": partial(leaks_of_view, internal_error),
    "a form without a CSRF token": leaks_without_csrf_token,
    "a write to foreign rows": leaks_of_foreign_write,
    "no policy and no filter": leaks_without_policy_and_filter,
    "a table without policies": leaks_without_table_policy,
    "a function that does not check its caller": leaks_of_function,
    "a number in clear text in a dump": leaks_in_dump,
    **NARROW_LEAKS,
}
