"""Pictures of Tianditu: asked for by planners of the whole subdistrict, fetched by a job, with a key nobody sees."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gridmap.core.errors import NotPossible
from gridmap.services.tracing import tianditu_job
from tests.fixtures.web_app import submit_form
from tests.formats.pictures.tile_server import TileServer, make_tile, serve_tiles
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_first_day import OpenAs, app, base, no_draft, open_as, owner_url

__all__ = ["app", "base", "no_draft", "open_as", "owner_url"]

KEY = "0123456789abcdef0123456789abcdef"
SQUARE = {"kind": "imagery", "longitude": "114.31", "latitude": "30.5", "side_km": "0.4"}


@pytest.fixture(autouse=True)
def no_jobs(owner_url: str) -> None:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM job"))
    engine.dispose()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GRIDMAP_TIANDITU_KEY", KEY)
    return KEY


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TileServer]:
    """Serve tiles to the key of the office, and refuse others."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve_tiles(lambda values: (200 if values["tk"] == KEY else 403, make_tile())) as served:
        monkeypatch.setattr(tianditu_job, "SERVERS", (served.url,))
        yield served


def query(owner_url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return rows


def test_a_picture_is_fetched_once_and_placed(
    open_as: OpenAs, base: str, owner_url: str, key: str, server: TileServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planner, path = open_as("planner"), f"{base}/pictures/tianditu"
    assert path in planner.get(f"{base}/pictures").text
    job_url = submit_form(planner, path, **SQUARE).location.partition("?")[0]
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
    [(picture_id, name, method, parameters)] = query(
        owner_url,
        "SELECT p.id, p.name, p.method, j.parameters::text FROM picture p, job j WHERE j.kind = 'fetch_tianditu'",
    )
    assert (str(name).startswith("© 天地图 影像，20"), method) == (True, "file")
    assert planner.get(f"/planner/pictures/{picture_id}/image").data[8:12] == b"WEBP"
    pages = [planner.get(url).text for url in (job_url, "/jobs", path, f"/planner/pictures/{picture_id}")]
    assert f"/planner/pictures/{picture_id}" in pages[0]
    assert len(server.requests) == 16
    assert key not in "".join([*pages, str(parameters), str(name), caplog.text])


def test_a_refused_key_is_told_and_the_square_is_kept(
    open_as: OpenAs, base: str, owner_url: str, server: TileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "f" * 32
    monkeypatch.setenv("GRIDMAP_TIANDITU_KEY", wrong)
    planner = open_as("planner")
    job_url = submit_form(planner, f"{base}/pictures/tianditu", **SQUARE).location.partition("?")[0]
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["failed"]
    page = planner.get(job_url).text
    assert "refused the key of this office" in page
    assert wrong not in page
    form = planner.get(f"{base}/pictures/tianditu?kind=map&longitude=114.31&latitude=30.5&side_km=0.4").text
    assert all(f'value="{value}"' in form for value in ("114.31", "30.5", "0.4"))
    assert query(owner_url, "SELECT count(*) FROM picture") == [(0,)]


def test_without_a_key_nothing_is_asked_for(open_as: OpenAs, base: str) -> None:
    planner, path = open_as("planner"), f"{base}/pictures/tianditu"
    assert "Fetch one from Tianditu" not in planner.get(f"{base}/pictures").text
    assert "set up no key of Tianditu" in planner.get(path).text


def test_a_key_that_is_taken_away_meanwhile_keeps_what_was_entered(
    open_as: OpenAs, base: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner, path = open_as("planner"), f"{base}/pictures/tianditu"
    token = planner.get(path).text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    monkeypatch.delenv("GRIDMAP_TIANDITU_KEY")
    answer = planner.post(path, data={"csrf_token": token, **SQUARE})
    assert (answer.status_code, 'value="114.31"' in answer.text) == (409, True)
    assert "set up no key of Tianditu" in answer.text


@pytest.mark.parametrize(
    ("change", "status"),
    [({"side_km": "15.8"}, 303), ({"side_km": "17"}, 422), ({"kind": "map", "side_km": "10.5"}, 303),
     ({"kind": "map", "side_km": "11.7"}, 422), ({"side_km": "0.1"}, 303), ({"side_km": "0.09"}, 422),
     ({"side_km": "nan"}, 422), ({"latitude": "60.1"}, 422), ({"longitude": "-179.1"}, 422), ({"kind": "other"}, 422)],
)  # fmt: skip
def test_squares_within_bounds_are_asked_for(
    open_as: OpenAs, base: str, owner_url: str, key: str, change: dict[str, str], status: int
) -> None:
    values = SQUARE | change
    answer = submit_form(open_as("planner"), f"{base}/pictures/tianditu", **values)
    assert answer.status_code == status
    assert status == 303 or f'value="{values["side_km"]}"' in answer.text
    assert query(owner_url, "SELECT count(*) FROM job") == [(int(status == 303),)]


def test_others_may_not_ask(open_as: OpenAs, base: str, key: str) -> None:
    path = f"{base}/pictures/tianditu"
    assert {name: open_as(name).get(path).status_code for name in ("planner", "narrow", "leader")} == {
        "planner": 200,
        "narrow": 404,
        "leader": 403,
    }


@pytest.mark.parametrize(
    ("content", "is_right"),
    [("a" * 16, True), ("a" * 64, True), ("a" * 15, False), ("a" * 65, False), ("a b" * 9, False), ("键" * 20, False)],
)
def test_a_key_in_a_file_is_checked_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, is_right: bool
) -> None:
    path = tmp_path / "key"
    path.write_text(f"{content}\n", "utf-8")
    monkeypatch.setenv("GRIDMAP_TIANDITU_KEY_FILE", str(path))
    if is_right:
        assert tianditu_job.read_key() == content
        return
    with pytest.raises(NotPossible) as refused:
        tianditu_job.read_key()
    assert content not in str(refused.value.message)
