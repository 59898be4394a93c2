"""The roster by hand: people, hand-over of grids, lines of work, places, leave, office phones."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.days import day_from_now
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
CLEAR = """
DELETE FROM account_scope WHERE leave_id IS NOT NULL;
DELETE FROM leave;
DELETE FROM duty WHERE id > :duty;
UPDATE duty SET valid = '[2020-01-01,)';
DELETE FROM worker WHERE name LIKE 'new %';
UPDATE worker SET valid = '[2020-01-01,)', account_id = :planner WHERE id = :worker;
UPDATE community SET station_phone = NULL
"""


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    return create_second_community(filled_database)


@pytest.fixture(autouse=True)
def roster(filled_database: FilledDatabase, two: TwoCommunities) -> Iterator[None]:
    yield
    keys = {"duty": max(two.east1.duty_id, two.east2.duty_id), "worker": two.east1.worker_id}
    engine = create_engine(filled_database.owner_url)
    with engine.begin() as connection:
        connection.execute(text(CLEAR), {**keys, "planner": two.account_ids["linked planner"]})
    engine.dispose()


@pytest.fixture
def station(open_client: OpenClient, two: TwoCommunities) -> FlaskClient:
    return open_client("east-station")


def fetch(database: FilledDatabase, query: str) -> list[tuple[Any, ...]]:
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def add_person(client: FlaskClient, database: FilledDatabase, two: TwoCommunities, name: str, **fields: str) -> int:
    page = f"/roster/communities/{two.east1.community_id}/new-person"
    assert submit_form(client, page, name=name, full_time="y", **fields).status_code == 303
    return int(fetch(database, f"SELECT id FROM worker WHERE name = '{name}'")[0][0])


def in_days(days: int) -> str:
    return day_from_now(days).isoformat()


def charges(database: FilledDatabase, grid_id: int) -> list[tuple[Any, ...]]:
    """Return who is in charge of a grid, with first day and the day after the last, counted from today."""
    query = (
        "SELECT w.name, lower(d.valid) - today(), upper(d.valid) - today() FROM duty d JOIN worker w"
        f" ON w.id = d.worker_id WHERE d.in_charge AND d.grid_id = {grid_id} ORDER BY lower(d.valid)"
    )
    return [(name, max(first, -1), end) for name, first, end in fetch(database, query)]


def test_a_grid_is_handed_over_on_a_day(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page, community = f"/roster/grids/{two.east1.grid_id}", f"/roster/communities/{two.east1.community_id}"
    person = str(add_person(station, filled_database, two, "new Li"))
    answer = submit_form(station, page, worker_id=person, role="grid_leader", first=in_days(3))
    assert answer.status_code == 303
    former = fetch(filled_database, f"SELECT name FROM worker WHERE id = {two.east1.worker_id}")[0][0]
    assert charges(filled_database, two.east1.grid_id) == [(former, -1, 3), ("new Li", 3, None)]
    assert "new Li" in station.get(community).text
    again = submit_form(station, page, worker_id=person, role="grid_leader", first=in_days(3))
    assert again.status_code == 422
    assert "has this duty on these days already" in again.text


def test_the_database_allows_one_person_in_charge_of_a_grid_on_any_day(
    filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    with pytest.raises(Exception, match="ex_duty_one_in_charge"):
        execute_sql(
            filled_database,
            "INSERT INTO duty (subdistrict_id, worker_id, grid_id, kind, role, in_charge, valid) SELECT subdistrict_id,"
            f" {two.east2.worker_id}, grid_id, kind, 'grid_leader', true, '[2030-01-01,2030-01-02)' FROM duty"
            f" WHERE id = {two.east1.duty_id}",
        )


def test_a_hand_over_before_the_present_one_began_names_the_person(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/grids/{two.east1.grid_id}"
    first, second = (str(add_person(station, filled_database, two, f"new {name}")) for name in ("Li", "Wu"))
    submit_form(station, page, worker_id=first, role="grid_leader", first=in_days(5))
    answer = submit_form(station, page, worker_id=second, role="grid_leader", first=in_days(3))
    assert answer.status_code == 422
    assert "new Li is in charge from" in answer.text
    until = submit_form(station, page, worker_id=second, role="grid_leader", first=in_days(3), last=in_days(4))
    assert until.status_code == 303
    assert charges(filled_database, two.east1.grid_id)[1:] == [("new Wu", 3, 5), ("new Li", 5, None)]


def test_a_grid_without_anybody_in_charge_is_listed_until_somebody_is(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/communities/{two.east1.community_id}"
    assert submit_form(station, page, f"/roster/duties/{two.east1.duty_id}/end").status_code == 303
    assert 'data-vacant="east11"' in station.get(page).text
    person = add_person(station, filled_database, two, "new Li")
    submit_form(station, f"/roster/grids/{two.east1.grid_id}", worker_id=str(person), role="grid_leader")
    assert 'data-vacant="east11"' not in station.get(page).text


def test_one_person_in_charge_of_several_grids_and_part_time_are_reported(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    grids = fetch(
        filled_database,
        "SELECT r.grid_id FROM revision_grid r JOIN adoption a USING (revision_id)"
        f" WHERE a.community_id = {two.east1.community_id} AND a.valid @> today()",
    )
    for (grid,) in grids:
        values = {"worker_id": str(two.east1.worker_id), "role": "grid_leader"}
        submit_form(station, f"/roster/grids/{grid}", **values)
    page = station.get(f"/roster/communities/{two.east1.community_id}").text
    assert f'data-shared="{two.east1.worker_id}"' in page
    assert f"{len(grids)} grids" in page
    assert "but not full-time" not in page
    execute_sql(filled_database, f"UPDATE worker SET full_time = false WHERE id = {two.east1.worker_id}")
    assert "but not full-time" in station.get(f"/roster/communities/{two.east1.community_id}").text
    execute_sql(filled_database, f"UPDATE worker SET full_time = true WHERE id = {two.east1.worker_id}")


@pytest.mark.parametrize(
    ("phone", "confirmed", "status"),
    [("0813-1234567", "", 303), ("13800138000", "", 422), ("13800138000", "y", 303), ("call us", "y", 422)],
)
def test_a_number_that_looks_private_is_confirmed_first(
    station: FlaskClient,
    filled_database: FilledDatabase,
    two: TwoCommunities,
    phone: str,
    confirmed: str,
    status: int,
) -> None:
    page = f"/roster/communities/{two.east1.community_id}/new-person"
    answer = submit_form(station, page, name="new Li", office_phone=phone, is_office_phone=confirmed)
    assert answer.status_code == status
    assert ("is_office_phone" in answer.text) == (status == 422)
    assert status == 303 or f'value="{phone}"' in answer.text


def test_the_end_of_office_ends_all_duties(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    page = f"/roster/people/{two.east1.worker_id}"
    assert submit_form(station, page, f"{page}/end", last="2019-12-31").status_code == 422
    assert submit_form(station, page, f"{page}/end", last=in_days(2)).status_code == 303
    ends = f"SELECT upper(valid) - today() FROM worker WHERE id = {two.east1.worker_id} UNION ALL SELECT"
    ends += f" upper(valid) - today() FROM duty WHERE worker_id = {two.east1.worker_id}"
    assert set(fetch(filled_database, ends)) == {(3,)}


def test_a_person_has_a_line_a_building_and_a_resident_group(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    execute_sql(
        filled_database,
        "INSERT INTO service_line (subdistrict_id, key, name_zh, name_en) SELECT id, 'order', '综治', 'Order'"
        " FROM subdistrict ON CONFLICT DO NOTHING; INSERT INTO resident_group (subdistrict_id, community_id, name)"
        f" VALUES ({two.east1.subdistrict_id}, {two.east1.community_id}, 'group 3') ON CONFLICT DO NOTHING",
    )
    group = str(fetch(filled_database, "SELECT id FROM resident_group WHERE name = 'group 3'")[0][0])
    page = f"/roster/people/{two.east1.worker_id}"
    assert [submit_form(station, page, f"{page}/lines", line_of_work="order").status_code for _ in "12"] == [303, 422]
    place = {"role": "informant", "resident_group_id": group}
    assert submit_form(station, page, f"{page}/places", **place, building="").status_code == 303
    assert submit_form(station, page, f"{page}/places", role="building_leader", building="B0").status_code == 303
    unknown = submit_form(station, page, f"{page}/places", role="building_leader", building="Nowhere 5")
    assert unknown.status_code == 422
    assert 'value="Nowhere 5"' in unknown.text
    shown = station.get(f"/roster/communities/{two.east1.community_id}").text
    assert all(words in shown for words in ("Order", "group 3", "B0", "building leader"))


def give_account(database: FilledDatabase, worker_id: int, account_id: int) -> None:
    execute_sql(
        database,
        f"UPDATE worker SET account_id = NULL WHERE account_id = {account_id};"
        f" UPDATE worker SET account_id = {account_id} WHERE id = {worker_id}",
    )


def test_the_access_of_a_substitute_begins_and_ends_by_itself(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    person = add_person(station, filled_database, two, "new Li", office_phone="0813-7654321")
    account = two.account_ids["worker of east2"]
    give_account(filled_database, person, account)
    page = f"/roster/people/{two.east1.worker_id}/leave"
    days = {"first": in_days(0), "last": in_days(2), "substitute_id": str(person)}
    assert submit_form(station, page, **days).status_code == 303
    grid = two.east1.grid_id
    query = "SELECT " + ", ".join(f"{grid} = ANY (grids_of({account}, today() + {days}))" for days in (-1, 0, 2, 3))
    assert fetch(filled_database, query) == [(False, True, True, False)]
    audit = "SELECT action FROM audit WHERE details ->> 'leave' IS NOT NULL ORDER BY id DESC LIMIT 2"
    assert [action for (action,) in fetch(filled_database, audit)] == ["scope_given", "leave_opened"]
    public = station.get("/public/east/east11").text
    assert "0813-7654321" in public
    twice = submit_form(station, page, **days)
    assert twice.status_code == 422
    leave = fetch(filled_database, "SELECT id FROM leave")[0][0]
    back = submit_form(station, f"/roster/people/{two.east1.worker_id}", f"/roster/leaves/{leave}/end")
    assert back.status_code == 303
    assert fetch(filled_database, query) == [(False, False, False, False)]


def test_a_leave_needs_the_password_again_and_keeps_what_was_entered(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    person = add_person(station, filled_database, two, "new Li")
    execute_sql(filled_database, "UPDATE web_session SET password_confirmed_at = now() - interval '6 minutes'")
    page = f"/roster/people/{two.east1.worker_id}/leave"
    answer = submit_form(station, page, first=in_days(0), last=in_days(2), substitute_id=str(person))
    assert "Your password" in answer.text
    assert in_days(2) in answer.text
    assert fetch(filled_database, "SELECT FROM leave") == []


def test_office_ends_only_after_the_leave(
    station: FlaskClient, filled_database: FilledDatabase, two: TwoCommunities
) -> None:
    person = add_person(station, filled_database, two, "new Li")
    leave = {"first": in_days(1), "last": in_days(9), "substitute_id": str(person)}
    assert submit_form(station, f"/roster/people/{two.east1.worker_id}/leave", **leave).status_code == 303
    page = f"/roster/people/{person}"
    answer = submit_form(station, page, f"{page}/end", last=in_days(4))
    assert answer.status_code == 422
    assert "end the leave first" in answer.text


def test_phones_of_office_are_public(station: FlaskClient, open_client: OpenClient, two: TwoCommunities) -> None:
    page = f"/roster/communities/{two.east1.community_id}/phone"
    assert submit_form(station, page, phone="１３８００１３８０００").status_code == 422
    assert submit_form(station, page, phone="0813-1111222").status_code == 303
    assert "0813-1111222" in open_client().get("/public/east").text
    supervision = f"/roster/subdistricts/{two.east1.subdistrict_id}/phone"
    assert station.get(supervision).status_code == 404
    assert submit_form(open_client("east-admin"), supervision, phone="12345").status_code == 303
    assert "12345" in open_client().get("/public/east").text


@pytest.mark.parametrize(("name", "status"), [("east-planner", 200), ("east-leader", 200), ("east-worker", 403)])
def test_who_reads_the_roster_changes_nothing(
    open_client: OpenClient, two: TwoCommunities, name: str, status: int
) -> None:
    client = open_client(name)
    page = client.get(f"/roster/people/{two.east1.worker_id}")
    assert page.status_code == status
    assert "<form" not in page.text.split("<main")[-1].split("</main")[0]
    assert client.get(f"/roster/people/{two.east1.worker_id}/leave").status_code == 403


def test_the_roster_of_another_community_is_not_found(station: FlaskClient, two: TwoCommunities) -> None:
    east2 = two.east2
    for path in (f"communities/{east2.community_id}", f"people/{east2.worker_id}", f"grids/{east2.grid_id}"):
        assert (path, station.get(f"/roster/{path}").status_code) == (path, 404)
    values = {"worker_id": str(east2.worker_id), "role": "grid_leader"}
    assert submit_form(station, f"/roster/grids/{two.east1.grid_id}", **values).status_code == 422
