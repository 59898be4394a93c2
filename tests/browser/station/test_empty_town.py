"""From a town without people to a working office in the browser: norm, workers, phones, residents, facilities."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.core.caller import OWNER
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import ignore_progress
from gridmap.core.vocabulary import Role
from gridmap.demo import build_town
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.encryption_keys import load_or_create_key_ring
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.accounts.second_factor import require_for_roles
from gridmap.services.imports.load_report import LoadOptions
from gridmap.services.imports.town import load_town_file
from gridmap.store.session import Database
from gridmap.store.writes.towns import SubdistrictInfo
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.station.office_pages import (
    OfficeBrowser,
    enter_norm,
    enter_phone,
    import_and_correct,
    import_draft,
    keep_picture,
    read_counts,
    read_marked_rows,
    staff_by_hand,
    submit,
    submit_with_password,
    upload_sheet,
)
from tests.browser.station.office_sheets import (
    OfficeSheet,
    SheetBuilding,
    list_buildings,
    make_facilities,
    make_incidents,
    make_residents,
    make_workers,
    resident_name,
)
from tests.fixtures.loaded_town import SETTINGS
from tests.fixtures.subdistricts import app_settings
from tests.fixtures.town_package import real_towns_dir, sound_town, write_geopackage
from tests.fixtures.web_app import close_databases

pytestmark = pytest.mark.full
CODE, FIRST_DAY = "420106001", date(2026, 3, 1)
NORM_DOCUMENT = "区民政局〔2026〕5号"
SUPERVISION_PHONE = "027-12345678"
FAULT_SHARE = 0.03
FULL_PAGES = {
    "admin": ("/norms", "/roster", "/admin/accounts", "/admin/audit"),
    "planner": ("/planner", "/norms", f"/heat/{CODE}", "/roster"),
    "leader": (f"/heat/{CODE}", "/roster"),
    "station": ("/homes", "/places", "/roster", "/imports", f"/heat/{CODE}"),
    "worker": ("/my-grid", "/homes"),
}
"""Pages by account, besides the overview; all but the administrator have the page of a grid, too."""
WorkOfTown = Callable[[Path], tuple[Path, PartitionSettings]]


@dataclass(frozen=True)
class StartingOffice:
    """A town, and how many people and places its office enters."""

    name: str
    write_town: WorkOfTown
    language: str
    workers: int
    residents: int
    facilities: int
    incidents: int


def write_small_town(folder: Path) -> tuple[Path, PartitionSettings]:
    layers = sound_town()
    names = [f"{number}号楼" for number in range(1, 7)]
    layers["buildings"] = layers["buildings"].assign(estate="东湖花园", name=names)
    return write_geopackage(layers, folder / "town.gpkg"), SETTINGS


def find_cambridge(_folder: Path) -> tuple[Path, PartitionSettings]:
    path = real_towns_dir() / "cambridge.gpkg"
    if not path.is_file():
        pytest.skip(f"no real town at {path}; set GRIDMAP_TOWNS to a folder of town packages")
    return path, PartitionSettings(jobs=2)


def write_invented_town(folder: Path) -> tuple[Path, PartitionSettings]:
    town = build_town(30_000)
    communities = town.communities.assign(code=[f"{CODE}{n:03d}" for n in range(1, len(town.communities) + 1)])
    layers = {"communities": communities, "buildings": town.buildings.drop(columns="community")}
    layers |= {name: getattr(town, name) for name in ("streets", "barriers", "dedicated")}
    return write_geopackage(layers, folder / "town.gpkg"), PartitionSettings(jobs=2)


OFFICES = [
    StartingOffice("small", write_small_town, "zh-CN", 6, 120, 20, 15),
    StartingOffice("cambridge", find_cambridge, "en", 60, 12_000, 500, 300),
    StartingOffice("invented", write_invented_town, "zh-CN", 60, 12_000, 500, 300),
]


@contextmanager
def job_runner(owner_url: str) -> Iterator[None]:
    """Run the jobs process of the service meanwhile."""
    with Path(os.devnull).open("wb") as heartbeat:
        command = [sys.executable, "-m", "gridmap.serving.jobs_process", str(heartbeat.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[heartbeat.fileno()], text=True)
        assert process.stdin
        process.stdin.write(owner_url)
        process.stdin.close()
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def load_empty_town(owner_url: str, office: StartingOffice, folder: Path) -> str:
    """Load the town with its first plan and no people; return the administrator's one-time password."""
    source, settings = office.write_town(folder)
    database = Database(owner_url, trusted=True)
    identity = SubdistrictInfo(CODE, "水果湖街道", source.name, FIRST_DAY)
    load_town_file(database, source, identity, LoadOptions(settings, FIRST_DAY), ignore_progress)
    with database.transaction() as session:
        load_or_create_key_ring(session, OWNER)
        require_for_roles(session, ())
        _, password = create_account(session, OWNER, "admin", Role.ADMIN, "", ScopeRequest(CODE))
    database.close()
    return password


def count(owner_url: str, table: str) -> int:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return int(found or 0)


def list_grids(page: Page) -> list[tuple[str, str]]:
    """Return code and community of the grids that the overview lists."""
    page.goto(f"/subdistricts/{CODE}")
    script = (
        "(rows) => rows.map((row) => [row.querySelector('th').dataset.value, row.querySelector('td').dataset.value])"
    )
    return sorted(tuple(row) for row in page.locator("#grid-table tr[data-grid]").evaluate_all(script))


def sum_residents(page: Page) -> int:
    """Return the sum of the residents that the overview shows for the grids."""
    script = "(rows) => rows.map((row) => Math.max(0, Number(row.querySelectorAll('td')[4].dataset.value)))"
    return sum(page.locator("#grid-table tr[data-grid]").evaluate_all(script))


def import_workers(page: Page, sheet: OfficeSheet, folder: Path) -> None:
    """Import the workers without the two wrong rows, as the administrator."""
    upload_sheet(page, "workers", "街道花名册", sheet.write(folder / "workers.xlsx"))
    assert read_counts(page)[5] == 2
    reasons = read_marked_rows(page)
    assert [word in reasons[row] for row, word in sheet.faults.items()] == [True, True]
    import_draft(page, good_rows_only=True)


def staff_office(browser: OfficeBrowser, office: StartingOffice, grids: list[tuple[str, str]], folder: Path) -> None:
    """Enter workers by a sheet, and the two whose rows were wrong by hand, with all phones."""
    admin, station = browser.pages["admin"], browser.pages["station"]
    sheet = make_workers(grids, office.workers)
    import_workers(admin, sheet, folder)
    for row in sheet.corrected[:2]:
        staff_by_hand(station, row[4], row[1], row[2])
    admin.goto("/roster")
    phone_page = admin.locator("main a[href$='/phone']").first.get_attribute("href")
    assert phone_page
    enter_phone(admin, phone_page, SUPERVISION_PHONE)
    admin.goto("/roster")
    links = admin.locator("main table th a").evaluate_all("(found) => found.map((each) => each.href)")
    for number, link in enumerate(links):
        enter_phone(station, f"/roster/communities/{link.rpartition('/')[2]}/phone", f"027-8711{number:04d}")


def link_worker(browser: OfficeBrowser, name: str) -> None:
    """Let the administrator say which person of the roster signs in with the account of the worker."""
    admin = browser.pages["admin"]
    admin.goto("/admin/accounts")
    with admin.expect_navigation():
        admin.get_by_role("link", name="worker", exact=True).click()
    option = admin.locator("#worker_id option", has_text=name).first.get_attribute("value")
    admin.locator("#worker_id").select_option(option)
    submit_with_password(admin, "form[action$='/worker']")


def check_overviews(browser: OfficeBrowser, office: StartingOffice, grids: int) -> None:
    """Every role that sees the overview sees all grids staffed, the norm, and all residents."""
    for account in ("admin", "planner", "leader", "station"):
        page = browser.visit(account, f"/subdistricts/{CODE}", picture=f"{office.name}-{account}")
        expect(page.locator("#grid-table tr[data-grid]")).to_have_count(grids)
        expect(page.locator("#grid-table tr[data-vacant]")).to_have_count(0)
        expect(page.locator("[data-norm]").first).to_contain_text(NORM_DOCUMENT)
        assert sum_residents(page) == office.residents, account
        browser.visit(account, f"/subdistricts/{CODE}", PHONE, picture=f"{office.name}-{account}")


def check_worker(browser: OfficeBrowser, office: StartingOffice, building: SheetBuilding, station_phone: str) -> None:
    """The worker sees the own grid on a phone, with residents behind the doors, and the workstation's phone."""
    page = browser.visit("worker", "/my-grid", PHONE, picture=office.name)
    expect(page.locator("[data-page=my-grid]")).to_have_attribute("data-code", building.grid)
    expect(page.locator("[data-stat=residents]")).not_to_have_text("0")
    expect(page.locator("main")).to_contain_text(station_phone)
    with page.expect_navigation():
        page.locator(f"[data-buildings] [data-building='{building.id}'] a.quiet").first.click()
    keep_picture(page, f"{office.name}-worker-building-360")
    expect(page.locator("[data-residents] li").first).to_contain_text("*")


def check_station(browser: OfficeBrowser, office: StartingOffice, grid: str) -> None:
    """The station finds a resident by name; the pages of the grid and of homes are full."""
    page = browser.visit("station", "/search", picture=office.name)
    page.locator("#query").fill(resident_name(0))
    submit(page, "main form[role=search]")
    submit(page, "main form[action$='/search/residents']")
    expect(page.locator("#people li")).to_have_count(1)
    page = browser.visit("station", grid, picture=f"{office.name}-station")
    assert page.locator("main .page-head .tag.warning").count() == 0


def check_full_pages(browser: OfficeBrowser, office: StartingOffice, grid: str) -> None:
    """No page that the menu of a role leads to is empty, on a screen or on a phone."""
    for account, paths in FULL_PAGES.items():
        for path in paths if account == "admin" else (*paths, grid):
            for viewport in (DESKTOP, PHONE):
                page = browser.visit(account, path, viewport, picture=f"{office.name}-{account}")
                assert page.locator("main .empty:visible").count() == 0, (account, path)


def check_public(browser: OfficeBrowser, office: StartingOffice, building: SheetBuilding, worker: str) -> None:
    """Residents find who answers for their grid, with the office phone and the phone for complaints."""
    page = browser.open_page(browser.app, f"/public/{CODE}", PHONE, locale=office.language)
    keep_picture(page, f"{office.name}-public-360")
    assert page.locator("main .tag.warning").count() == 0
    expect(page.locator("[data-supervision]")).to_contain_text(SUPERVISION_PHONE)
    page.goto(f"/public/{CODE}/{building.grid}")
    keep_picture(page, f"{office.name}-public-grid-360")
    expect(page.locator(f"[data-worker='{worker}']")).to_contain_text("027-8765")
    expect(page.locator("[data-supervision]")).to_contain_text(SUPERVISION_PHONE)


def fill_town(
    browser: OfficeBrowser, office: StartingOffice, owner_url: str, one_time_password: str, folder: Path
) -> None:
    """Do all the work of the administrator and the station, and look at the pages of every role."""
    admin = browser.sign_in("admin", one_time_password)
    enter_norm(admin, NORM_DOCUMENT, FIRST_DAY.isoformat())
    grids = list_grids(admin)
    station = browser.create_account("station", "station")
    staff_office(browser, office, grids, folder)
    assert count(owner_url, "worker") == office.workers
    buildings = list_buildings(owner_url)
    loaded_incidents = count(owner_url, "incident")
    residents = make_residents(buildings, office.residents, FAULT_SHARE)
    import_and_correct(station, "residents", "社区花名册", residents, folder)
    facilities = make_facilities(buildings, office.facilities, FAULT_SHARE)
    import_and_correct(station, "facilities", "设施台账", facilities, folder)
    incidents = make_incidents(buildings, office.incidents, FAULT_SHARE)
    import_and_correct(station, "incidents", "热线工单", incidents, folder)
    assert count(owner_url, "resident") == office.residents
    assert count(owner_url, "facility") == office.facilities
    assert count(owner_url, "incident") == office.incidents + loaded_incidents
    check_every_role(browser, office, grids, buildings[0])


def check_every_role(
    browser: OfficeBrowser, office: StartingOffice, grids: list[tuple[str, str]], building: SheetBuilding
) -> None:
    """Create the accounts of the other roles, and check their pages; the worker has the grid of a building."""
    browser.create_account("planner", "planner")
    browser.create_account("leader", "leader")
    browser.create_account("worker", "worker", building.community)
    check_overviews(browser, office, len(grids))
    leader = browser.pages["leader"]
    href = leader.locator(f"#grid-table th[data-value='{building.grid}'] a.page-link").get_attribute("href")
    leader.goto(str(href))
    worker = leader.locator("[data-roster] strong").first.inner_text()
    expect(leader.locator("[data-roster]")).to_contain_text("027-8765")
    expect(leader.locator("[data-stat=residents]")).not_to_have_text("0")
    browser.visit("leader", f"/heat/{CODE}", picture=f"{office.name}-leader")
    expect(
        browser.visit("worker", "/my-grid", PHONE, picture=f"{office.name}-unlinked").locator(".empty")
    ).to_be_visible()
    link_worker(browser, worker)
    check_worker(browser, office, building, "027-8711")
    check_station(browser, office, str(href))
    check_full_pages(browser, office, str(href))
    check_public(browser, office, building, worker)


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.name)
def test_an_empty_town_becomes_a_working_office(
    office: StartingOffice, database_url: str, open_page: OpenPage, tmp_path: Path
) -> None:
    one_time_password = load_empty_town(database_url, office, tmp_path)
    app = create_app(app_settings(database_url))
    browser = OfficeBrowser(app, open_page, office.language)
    with job_runner(database_url):
        fill_town(browser, office, database_url, one_time_password, tmp_path)
    close_databases(app)
