"""A town with an estate of four buildings in two communities, and sheets for it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.vocabulary import Role
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.imports.sheets.run import (
    AppliedImport,
    ImportPreview,
    ImportRequest,
    apply_import,
    prepare_import,
)
from gridmap.store.schema import Community
from gridmap.store.session import Database
from tests.fixtures.loaded_town import (
    SUBDISTRICT_CODE,
    load_town,
    rolled_back_account_session,
    rolled_back_session,
)
from tests.fixtures.subdistricts import create_account
from tests.fixtures.town_package import sound_town

Rows = list[dict[str, object]]
Prepare = Callable[..., ImportPreview]
Apply = Callable[..., AppliedImport]
OpenAccount = Callable[[str], Session]
DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    """The sound town; its buildings are 1号楼 to 4号楼 of 东湖花园."""
    layers, folder = sound_town(), tmp_path_factory.mktemp("town")
    buildings = layers["buildings"]
    buildings["estate"] = "东湖花园"
    buildings["name"] = [f"{number}号楼" for number in range(1, len(buildings) + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(folder))
        return load_town(module_database_url, folder, layers)


@pytest.fixture(scope="module")
def account_ids(module_database_url: str, town: LoadReport) -> dict[str, int]:
    """Accounts of the town by role; ``neighbour`` is a station of one community."""
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        community_id = session.scalars(select(Community.id).order_by(Community.code)).first()
        place = {"subdistrict_id": town.loaded.stored.subdistrict_id}
        ids = {role.value: create_account(session, role.value, role, place) for role in Role if role is not Role.WORKER}
        ids["neighbour"] = create_account(
            session, "neighbour", Role.STATION, {**place, "community_id": community_id or 0}
        )
    database.close()
    return ids


@pytest.fixture
def open_account(module_database_url: str, account_ids: dict[str, int], tmp_path: Path) -> Iterator[OpenAccount]:
    """Function that opens the session of an account, which is rolled back."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("GRIDMAP_HOME", str(tmp_path))
        yield lambda name: stack.enter_context(rolled_back_account_session(module_database_url, account_ids[name]))


@pytest.fixture
def session(module_database_url: str, town: LoadReport, tmp_path: Path) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(tmp_path))
        with rolled_back_session(module_database_url) as opened:
            yield opened


def write_csv(path: Path, rows: Rows) -> Path:
    """Write a CSV file whose headers are the keys of the rows."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(headers), *(",".join(str(row.get(name, "")) for name in headers) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8-sig")
    return path


def request_of(folder: Path, kind: str, rows: Rows, source: str = "register") -> ImportRequest:
    """Write rows to a file and return the request that imports it."""
    path = write_csv(folder / f"{kind}.csv", rows)
    return ImportRequest(path, SHEET_KINDS[kind], SUBDISTRICT_CODE, source, DAY)


@pytest.fixture
def prepare(session: Session, tmp_path: Path) -> Prepare:
    """Function that prepares the import of rows of a kind."""

    def prepared(
        kind: str,
        rows: Rows,
        source: str = "register",
        headers: Mapping[str, str] | None = None,
        *,
        takes_contradictions: bool = False,
    ) -> ImportPreview:
        path = write_csv(tmp_path / f"{kind}.csv", rows)
        named = headers or {}
        request = ImportRequest(
            path, SHEET_KINDS[kind], SUBDISTRICT_CODE, source, DAY, named, takes_contradictions=takes_contradictions
        )
        return prepare_import(session, OWNER, request)

    return prepared


@pytest.fixture
def apply(prepare: Prepare) -> Apply:
    """Function that imports rows of a kind."""

    def applied(
        kind: str, rows: Rows, source: str = "register", *, end_gone: bool = False, **options: bool
    ) -> AppliedImport:
        good = options.pop("good_rows_only", False)
        return apply_import(prepare(kind, rows, source, **options), good_rows_only=good, end_gone=end_gone)

    return applied
