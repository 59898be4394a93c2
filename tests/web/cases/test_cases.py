"""Pages of cases: roles, steps, refusals that keep the words, photos and notices."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.fixtures.cases.incident_cases import add_incident, add_worker, delete_cases, select_value
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
COUNT_STEPS = "SELECT count(*) FROM case_step"
PHOTO = re.compile(r'<img src="([^"]+)"')


@pytest.fixture
def incident_id(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[int]:
    add_worker(filled_database, subdistricts["east"])
    yield add_incident(filled_database, subdistricts["east"])
    delete_cases(filled_database)


def step_fields(client: FlaskClient, incident_id: int, action: str) -> dict[str, Any]:
    """Return the fields of the form of an action, as its page has them."""
    page = client.get(f"/cases/{incident_id}").text
    form = page.split(f'data-step="{action}"')[1].split("</form>")[0]
    fields = dict(
        re.findall(r'<input[^>]* name="(csrf_token|action|version|numbers_confirmed)"[^>]*value="([^"]*)"', form)
    )
    chosen = re.search(r'<input checked[^>]* name="worker"[^>]* value="(\d+)"', form)
    return fields | ({"worker": chosen[1]} if chosen else {})


def take(client: FlaskClient, incident_id: int, action: str, **fields: Any) -> Any:
    return send(client, incident_id, step_fields(client, incident_id, action) | fields)


def send(client: FlaskClient, incident_id: int, fields: dict[str, Any]) -> Any:
    return client.post(f"/cases/{incident_id}/steps", data=fields, content_type="multipart/form-data")


def jpeg(colour: str = "red") -> tuple[io.BytesIO, str]:
    output = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(output, "JPEG")
    output.seek(0)
    return output, "lamp.jpg"


def test_a_case_passes_from_station_to_worker_and_back_to_its_end(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase
) -> None:
    station, worker = open_client("east-station"), open_client("east-worker")
    assert take(station, incident_id, "accept").status_code == 303
    assert "News of cases: 1" in worker.get("/my-grid").text
    assert take(station, incident_id, "assign").status_code == 303
    assert "News of cases: 2" in worker.get("/my-grid").text
    assert f'data-case="{incident_id}"' in worker.get("/cases").text.split('id="with-others"')[0]
    assert take(worker, incident_id, "send_back", text="needs a ladder truck").status_code == 303
    assert "needs a ladder truck" in station.get(f"/cases/{incident_id}").text
    take(station, incident_id, "assign")
    assert take(worker, incident_id, "close", text="lamp replaced", photos=jpeg()).status_code == 303
    page = open_client("east-leader").get(f"/cases/{incident_id}").text
    assert "lamp replaced" in page
    assert len(PHOTO.findall(page)) == 1
    assert select_value(filled_database, COUNT_STEPS) == 5


@pytest.mark.parametrize(
    ("name", "status"), [("east-planner", 403), ("east-admin", 403), ("west-station", 404), ("west-worker", 404)]
)
def test_a_case_is_not_shown_to_others(open_client: OpenClient, incident_id: int, name: str, status: int) -> None:
    assert open_client(name).get(f"/cases/{incident_id}").status_code == status


def test_a_page_offers_only_what_its_reader_may_do(open_client: OpenClient, incident_id: int) -> None:
    pages = {name: open_client(f"east-{name}").get(f"/cases/{incident_id}").text for name in ("station", "leader")}
    offered = {name: re.findall(r'data-step="(\w+)"', page) for name, page in pages.items()}
    assert offered["station"] == ["accept", "assign", "ask_reporter", "close", "note", "link_duplicate"]
    assert offered["leader"] == ["supervise", "instruct"]


def test_a_form_that_is_sent_twice_is_one_step(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    fields = step_fields(station, incident_id, "note") | {"text": "called back"}
    assert [send(station, incident_id, fields).status_code for _ in range(2)] == [303, 303]
    assert select_value(filled_database, COUNT_STEPS) == 1


def test_a_step_on_an_older_version_is_refused_and_the_words_are_kept(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase
) -> None:
    station, leader = open_client("east-station"), open_client("east-leader")
    fields = step_fields(station, incident_id, "close") | {"text": "lamp replaced at noon"}
    take(leader, incident_id, "instruct", text="look at the cable, too")
    refused = send(station, incident_id, fields)
    assert refused.status_code == 409
    assert "look at the cable, too" in refused.text
    assert "lamp replaced at noon</textarea>" in refused.text
    assert select_value(filled_database, COUNT_STEPS) == 1


def test_a_number_of_a_person_is_asked_about_before_it_is_stored(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    fields = step_fields(station, incident_id, "note") | {"text": "call 13800138000"}
    asked = send(station, incident_id, fields)
    assert asked.status_code == 422
    assert "138…00" in asked.text
    assert "call 13800138000</textarea>" in asked.text
    fingerprint = re.findall(r'name="numbers_confirmed"[^>]* value="(\w{64})"', asked.text)[0]
    other = fields | {"numbers_confirmed": fingerprint, "text": "call 13900139000"}
    assert send(station, incident_id, other).status_code == 422
    assert send(station, incident_id, fields | {"numbers_confirmed": fingerprint}).status_code == 303
    assert select_value(filled_database, COUNT_STEPS) == 1


@pytest.mark.parametrize(
    ("photo", "problem"),
    [((io.BytesIO(b"no picture"), "lamp.jpg"), "JPEG, PNG, WebP"), ([jpeg() for _ in range(4)], "at most 3")],
)
def test_a_step_with_a_photo_that_cannot_be_kept_is_not_taken(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, photo: Any, problem: str
) -> None:
    refused = take(open_client("east-station"), incident_id, "note", text="as it looks", photos=photo)
    assert refused.status_code == 422
    assert problem in refused.text
    assert "as it looks</textarea>" in refused.text
    assert select_value(filled_database, COUNT_STEPS) == 0


def test_photos_are_for_who_sees_the_incident_and_no_cache_keeps_them(
    open_client: OpenClient, incident_id: int
) -> None:
    station = open_client("east-station")
    take(station, incident_id, "note", text="as it looks", photos=jpeg())
    address = PHOTO.findall(station.get(f"/cases/{incident_id}").text)[0]
    shown = station.get(address)
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    answers = {name: open_client(name).get(address).status_code for name in ("west-station", "east-planner")}
    assert answers == {"west-station": 404, "east-planner": 403}
    assert open_client().get(address).status_code == 303


def test_an_overdue_case_is_marked_by_a_word_and_found_by_the_filter(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    other = add_incident(filled_database, subdistricts["east"], title="a bench is broken")
    execute_sql(filled_database, f"UPDATE incident_case SET due_on = today() - 2 WHERE incident_id = {incident_id}")
    station = open_client("east-station")
    page = station.get("/cases").text
    assert "overdue · days: 2" in page
    assert page.index(f'data-case="{incident_id}"') < page.index(f'data-case="{other}"')
    assert f'data-case="{other}"' not in station.get("/cases?due=overdue").text
    assert "a bench is broken" not in station.get("/cases/export/csv?due=overdue").get_data(as_text=True)


def test_each_figure_of_the_leader_leads_to_its_cases(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    ids = [incident_id, *(add_incident(filled_database, subdistricts["east"]) for _ in range(3))]
    add_incident(filled_database, subdistricts["east"], "theft", "a bicycle")
    for days, each in zip((-1, 0, 1, 2), ids, strict=True):
        execute_sql(filled_database, f"UPDATE incident_case SET due_on = today() + ({days}) WHERE incident_id = {each}")
    leader = open_client("east-leader")
    take(leader, ids[3], "supervise")
    line = leader.get("/heat").text.split('id="case-line"')[1].split("</p>")[0]
    links = dict(re.findall(r'href="(/cases[^"]*)">(?:<svg.*?</svg>)?\s*([^<]+)<', line, re.DOTALL))
    assert links == {
        "/cases": "4 cases open",
        "/cases?due=overdue": "1 overdue",
        "/cases?due=soon": "2 due today or tomorrow",
        "/cases?supervised=yes": "1 asked for speed",
    }
    listed = [[int(each) for each in re.findall(r'data-case="(\d+)"', leader.get(link).text)] for link in links]
    assert listed == [[ids[3], *ids[:3]], ids[:1], ids[1:3], ids[3:]]


@pytest.fixture
def leader_of_both(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Let the leader of the subdistrict east lead the subdistrict west, too."""
    leader, west = subdistricts["east"].account_ids["leader"], subdistricts["west"].subdistrict_id
    scope = f"account_id = {leader} AND subdistrict_id = {west}"
    execute_sql(
        filled_database,
        f"INSERT INTO account_scope (account_id, subdistrict_id, valid) VALUES ({leader}, {west}, '[2020-01-01,)')",
    )
    yield
    execute_sql(filled_database, f"DELETE FROM account_scope WHERE {scope}")


@pytest.mark.usefixtures("leader_of_both")
def test_a_leader_of_two_subdistricts_reads_the_same_cases_as_are_counted(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    west = [add_incident(filled_database, subdistricts["west"], title=title) for title in ("a lamp", "a bench")]
    execute_sql(filled_database, f"UPDATE incident_case SET due_on = today() - 1 WHERE incident_id = {west[0]}")
    leader = open_client("east-leader")
    for code, ids in (("east", [incident_id]), ("west", west)):
        page = leader.get(f"/heat/{code}").text
        line = page.split('id="case-line"')[1].split("</p>")[0]
        links = re.findall(r'href="(/cases[^"]*)">(?:<svg.*?</svg>)?\s*(\d+) ', line, re.DOTALL)
        listed = [re.findall(r'data-case="(\d+)"', leader.get(link.replace("&amp;", "&")).text) for link, _ in links]
        assert [len(each) for each in listed] == [int(count) for _, count in links]
        assert sorted(map(int, listed[0])) == sorted(ids)
        assert f'href="/heat/{code}" aria-current' in page
    assert "3 open" in leader.get("/cases").text
    assert "2 open" in leader.get("/cases?subdistrict=west").text
    assert "a bench" not in leader.get("/cases/export/csv?subdistrict=east").get_data(as_text=True)
    assert leader.get("/cases?subdistrict=north").status_code == 404
    assert open_client("west-leader").get("/cases?subdistrict=east").status_code == 404


@pytest.mark.parametrize(("number", "is_cut"), [(499, False), (500, True)])
def test_an_inbox_of_more_than_500_cases_counts_all_and_says_which_it_lists(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, number: int, is_cut: bool
) -> None:
    execute_sql(
        filled_database,
        "INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry) SELECT"
        " subdistrict_id, 'M' || n, category, channel, occurred_at, cell_id, geometry FROM incident,"
        f" generate_series(1, {number}) AS n WHERE id = {incident_id}",
    )
    page = open_client("east-leader").get("/cases").text
    assert f"{number + 1} open" in page
    assert (page.count("data-case="), "The 500 most urgent cases are listed" in page) == (500, is_cut)


def test_a_case_says_in_which_grid_it_was_received_after_another_plan(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    station, grids = open_client("east-station"), subdistricts["east"].grid_ids
    assert "former-grid" not in station.get(f"/cases/{incident_id}").text
    former = f"(SELECT min(cell_id) FROM assignment WHERE grid_id = {grids[1]})"
    execute_sql(
        filled_database,
        "INSERT INTO incident_former_cell (incident_id, valid, cell_id, subdistrict_id) SELECT id, daterange(NULL,"
        f" today() + 1), {former}, subdistrict_id FROM incident WHERE id = {incident_id}",
    )
    page = station.get(f"/cases/{incident_id}").text.split('id="former-grid"')[1].split("</div>")[0]
    execute_sql(filled_database, "DELETE FROM incident_former_cell")
    assert "east12" in page


@pytest.mark.parametrize(("metres", "told"), [(4.9, True), (5.1, False)])
def test_a_case_on_the_border_names_the_grids_on_both_sides(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, metres: float, told: bool
) -> None:
    place = f"ST_Project(ST_Point(106.01, 29.01, 4326)::geography, {metres}, radians(270))::geometry"
    execute_sql(filled_database, f"UPDATE incident SET geometry = {place} WHERE id = {incident_id}")
    for role in ("station", "leader", "worker"):
        if role == "worker":
            take(open_client("east-station"), incident_id, "assign")
        page = open_client(f"east-{role}").get(f"/cases/{incident_id}").text
        assert ('data-border="east12"' in page) == told, role
        assert ("between the grids east11 and east12" in page) == told, role


def test_a_border_street_that_the_plan_gives_to_a_grid_is_named_with_it(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east = subdistricts["east"]
    first, second = sorted(east.grid_ids)
    place = "ST_Project(ST_Point(106.01, 29.01, 4326)::geography, 2, radians(270))::geometry"
    line = "ST_SetSRID(ST_MakeLine(ST_MakePoint(106.01, 29.0), ST_MakePoint(106.01, 29.02)), 4326)"
    execute_sql(
        filled_database,
        f"INSERT INTO street (subdistrict_id, kind, name, geometry) SELECT {east.subdistrict_id}, 'lane',"
        f" 'Lamp Street', {line}; UPDATE incident SET geometry = {place} WHERE id = {incident_id};"
        " INSERT INTO revision_street (revision_id, subdistrict_id, street_id, first_grid_id, second_grid_id, grid_id,"
        f" street_name) SELECT DISTINCT a.revision_id, a.subdistrict_id, s.id, {first}, {second}, {east.grid_ids[1]},"
        f" s.name FROM assignment a, street s WHERE a.grid_id = {first} AND s.name = 'Lamp Street'",
    )
    page = re.sub(r"\s+", " ", open_client("east-leader").get(f"/cases/{incident_id}").text)
    execute_sql(
        filled_database,
        "ALTER TABLE revision_street DISABLE TRIGGER USER; DELETE FROM revision_street;"
        " ALTER TABLE revision_street ENABLE TRIGGER USER; DELETE FROM street WHERE name = 'Lamp Street'",
    )
    assert "Lamp Street" in page
    assert "The plan gives the street to east12: it counts there." in page


def test_the_map_of_a_case_has_its_place_and_its_grid(open_client: OpenClient, incident_id: int) -> None:
    path = f"/cases/{incident_id}/features.geojson"
    features = open_client("east-leader").get(path).get_json(force=True)["features"]
    assert [each["properties"]["layer"] for each in features] == ["grid", "incident"]
    assert features[1]["geometry"]["coordinates"] == pytest.approx([106.005, 29.01])
    assert open_client("west-station").get(path).status_code == 404


def test_personal_incidents_are_not_in_a_leaders_inbox(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    theft = add_incident(filled_database, subdistricts["east"], "theft", "a bicycle")
    leader = open_client("east-leader")
    page = leader.get("/cases").text
    assert f'data-case="{incident_id}"' in page
    assert f'data-case="{theft}"' not in page
    assert leader.get(f"/cases/{theft}").status_code == 404


def test_opening_the_news_marks_them_as_seen(open_client: OpenClient, incident_id: int) -> None:
    take(open_client("east-station"), incident_id, "assign")
    worker = open_client("east-worker")
    assert 'data-notice="assigned"' in worker.get("/cases/notices").text
    assert "News of cases: 1" not in worker.get("/my-grid").text


def test_an_empty_inbox_says_what_comes_next(open_client: OpenClient) -> None:
    assert "Report an incident" in open_client("east-worker").get("/cases").text
    assert "appears here as soon as it is sent" in open_client("east-station").get("/cases").text


def test_an_ended_session_keeps_the_words(
    open_client: OpenClient, incident_id: int, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    fields = step_fields(station, incident_id, "note") | {"text": "called back"}
    execute_sql(filled_database, "UPDATE web_session SET expires_at = now()")
    answer = send(station, incident_id, fields)
    assert answer.status_code == 401
    assert re.search(r'name="kept_form"[^>]* value="[^"]+"', answer.text)


@pytest.mark.parametrize("action", ["", "hand_over", "<b>"])
def test_an_action_that_nobody_takes_is_refused(open_client: OpenClient, incident_id: int, action: str) -> None:
    station = open_client("east-station")
    fields = step_fields(station, incident_id, "note") | {"action": action, "text": "x"}
    assert send(station, incident_id, fields).status_code == 400
