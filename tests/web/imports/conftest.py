"""A town with an estate of buildings, accounts that import, and the steps of an import in the browser's order."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from gridmap.core.caller import OWNER
from gridmap.core.vocabulary import Role
from gridmap.formats.sheets.sheet_reader import list_layouts, read_sheet_file
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.encryption_keys import load_or_create_key_ring
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.imports.drafts import import_jobs
from gridmap.services.imports.sheets import run
from gridmap.store import schema
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town
from tests.fixtures.subdistricts import PASSWORD, password_hash
from tests.fixtures.town_package import sound_town
from tests.fixtures.web_app import application, submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs

ACCOUNTS = {"station": Role.STATION, "second": Role.STATION, "planner": Role.PLANNER, "admin": Role.ADMIN}
IMPORTED_TABLES = ("resident", "household", "dwelling", "unit", "shop", "organisation", "facility", "duty", "worker")
CLEAR = (
    "TRUNCATE import_draft, import_run, data_source, job, stored_file, change_set, record_change CASCADE;"
    + ";".join(f"DELETE FROM {name}" for name in IMPORTED_TABLES)
)
Rows = Sequence[Sequence[str]]
RESIDENT_HEADERS = ("姓名", "身份证号", "联系电话", "小区", "楼号", "房号")
ZHANG = ("张小明", "11010519491231002X", "13800138000", "东湖花园", "1", "501")
LI = ("李红", "440524188001010014", "", "东湖花园", "2", "101")
WRONG = ("王五", "110105194912310021", "", "东湖花园", "99", "1")


@dataclass(frozen=True)
class Town:
    """The town's database, the key of the subdistrict, and the folder of the keys."""

    owner_url: str
    subdistrict_id: int
    home_dir: Path


@pytest.fixture(scope="module")
def loaded(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    layers, folder = sound_town(), tmp_path_factory.mktemp("town")
    buildings = layers["buildings"]
    buildings["estate"] = "东湖花园"
    buildings["name"] = [f"{number}号楼" for number in range(1, len(buildings) + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(folder))
        report = load_town(module_database_url, folder, layers)
        database = Database(module_database_url, trusted=True)
        with database.transaction() as session:
            load_or_create_key_ring(session, OWNER)
            for name, role in ACCOUNTS.items():
                scope = ScopeRequest(SUBDISTRICT_CODE)
                account, _ = create_account(session, caller_of(session), name, role, "", scope)
                session.get_one(schema.Credential, account).password_hash = password_hash()
                session.get_one(schema.Credential, account).must_change = False
        database.close()
        yield Town(module_database_url, int(report.loaded.stored.subdistrict_id), folder)


@pytest.fixture
def town(loaded: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town without imports, drafts and jobs."""
    monkeypatch.setenv("GRIDMAP_HOME", str(loaded.home_dir))
    execute(loaded, CLEAR)
    return loaded


@pytest.fixture(autouse=True)
def reading_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read sheets in the process of the test: the start of another one takes seconds (decision 46)."""
    monkeypatch.setattr(run, "read_isolated", read_sheet_file)
    monkeypatch.setattr(import_jobs, "list_layouts_isolated", list_layouts)


@pytest.fixture
def app(town: Town) -> Flask:
    return application(town.owner_url)


@pytest.fixture
def open_client(app: Flask) -> Callable[[str], FlaskClient]:
    """Return a function that signs an account in."""

    def opened(name: str) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        assert submit_form(client, "/sign-in", name=name, password=PASSWORD).status_code == 303
        return client

    return opened


class Wizard:
    """The steps of an import, as a browser sends them."""

    def __init__(self, client: FlaskClient, town: Town) -> None:
        self.client, self.town = client, town

    def send(self, content: bytes, file_name: str = "名册.csv", kind: str = "residents", **fields: Any) -> Any:
        """Send the upload form and return the answer."""
        values = {
            "subdistrict_id": str(self.town.subdistrict_id),
            "kind": kind,
            "source": "派出所名册",
            "request_key": str(uuid4()),
            "file": (io.BytesIO(content), file_name),
        }
        return submit_form(self.client, "/imports/new", **{**values, **fields})

    def upload(self, rows: Rows, headers: Sequence[str] = RESIDENT_HEADERS, **fields: Any) -> str:
        """Send a sheet, let the job read it, and return the address of the draft."""
        answer = self.send(write_csv([headers, *rows]), **fields)
        assert answer.status_code == 303, answer.text
        self.work()
        return str(answer.location)

    def work(self) -> list[str]:
        """Do the waiting jobs, and return how they ended."""
        return [end.outcome for end in run_waiting_jobs(self.town.owner_url)]

    def apply(self, draft_url: str, **fields: str) -> Any:
        """Send the form that imports, with the version that the page shows."""
        version = fields.pop("version", "") or self.version(draft_url)
        return submit_form(self.client, "/imports/new", f"{draft_url}/apply", version=version, **fields)

    def version(self, draft_url: str) -> str:
        return str(re.findall(r'name="version"[^>]* value="(\d+)"', self.client.get(draft_url).text)[0])

    def page(self, url: str) -> str:
        return str(self.client.get(url, follow_redirects=True).text)


@pytest.fixture
def wizard(open_client: Callable[[str], FlaskClient], town: Town) -> Wizard:
    return Wizard(open_client("station"), town)


def write_csv(rows: Rows) -> bytes:
    """Return rows as CSV, as a spreadsheet program saves it."""
    return ("\n".join(",".join(row) for row in rows) + "\n").encode("utf-8-sig")


def execute(town: Town, statement: str) -> None:
    engine = create_engine(town.owner_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def count(town: Town, table: str, condition: str = "true") -> int:
    """Return the number of rows of a table."""
    engine = create_engine(town.owner_url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table} WHERE {condition}"))
    engine.dispose()
    return int(found or 0)
