"""Residents, incidents, facilities and workers of the built-in subdistrict."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from gridmap.core.privacy import id_numbers
from gridmap.demo import DemoTown, build_demo
from gridmap.demo.facilities import place_facilities, place_organisations
from gridmap.demo.incidents import DemoIncidents, generate_incidents
from gridmap.demo.residents import DemoResidents, generate_residents
from gridmap.demo.workers import DemoWorkers, assign_workers
from gridmap.services.files.demo_town import read_population_preset, read_town_preset

TODAY = date(2026, 6, 1)
PARAMETERS = read_population_preset()


@pytest.fixture(scope="module")
def demo() -> DemoTown:
    return build_demo(4_800, 0, read_town_preset("strip"))


@pytest.fixture(scope="module")
def generated_residents(demo: DemoTown) -> DemoResidents:
    return generate_residents(np.random.default_rng(1), demo.town, PARAMETERS, TODAY)


@pytest.fixture(scope="module")
def year_of_incidents(demo: DemoTown) -> DemoIncidents:
    return generate_incidents(np.random.default_rng(1), demo.town, PARAMETERS, TODAY)


def test_twelve_thousand_residents_live_in_the_households_of_the_town(
    demo: DemoTown, generated_residents: DemoResidents
) -> None:
    households = demo.town.buildings["households"].to_numpy()
    generated = np.bincount(generated_residents.households["building"], minlength=len(households))
    assert np.array_equal(generated, households)
    assert len(generated_residents.residents) == 12_000
    assert generated_residents.residents["household"].nunique() == 4_800


def test_every_household_has_its_own_dwelling(generated_residents: DemoResidents) -> None:
    assert generated_residents.households["dwelling"].is_unique
    assert not generated_residents.dwellings.duplicated(["building", "unit", "number"]).any()


def test_identity_numbers_are_valid_and_belong_to_no_county(generated_residents: DemoResidents) -> None:
    assert not any(map(id_numbers.id_number_problem, generated_residents.residents["id_number"]))
    assert generated_residents.residents["id_number"].str.startswith("440199").all()
    assert generated_residents.residents["id_number"].is_unique


def test_phone_numbers_do_not_exist(generated_residents: DemoResidents) -> None:
    phones = generated_residents.residents["phone"].dropna()
    assert phones.str.fullmatch(r"100\d{8}").all()
    assert phones.is_unique


def test_names_contain_the_word_example(generated_residents: DemoResidents) -> None:
    assert generated_residents.residents["name"].str.contains("示例").all()


def test_two_in_five_residents_are_elderly_and_every_household_has_an_adult(generated_residents: DemoResidents) -> None:
    birth_year = generated_residents.residents["birth_year"]
    assert (birth_year <= 2026 - 60).mean() == pytest.approx(0.4, abs=0.02)
    assert (birth_year.groupby(generated_residents.residents["household"]).min() <= 2026 - 18).all()


def test_the_same_seed_gives_the_same_residents(demo: DemoTown, generated_residents: DemoResidents) -> None:
    again = generate_residents(np.random.default_rng(1), demo.town, PARAMETERS, TODAY)
    assert again.residents.equals(generated_residents.residents)


def test_incidents_cover_the_year_and_none_is_in_the_future(year_of_incidents: DemoIncidents) -> None:
    occurred = year_of_incidents.incidents["occurred_at"]
    assert len(occurred) == PARAMETERS.incidents + PARAMETERS.burst_incidents
    assert (occurred.min().date(), occurred.max().date()) == (TODAY - timedelta(365), TODAY - timedelta(1))


def test_incidents_are_closed_after_they_occurred(year_of_incidents: DemoIncidents) -> None:
    closed = year_of_incidents.incidents[year_of_incidents.incidents["closed_at"].notna()]
    assert (closed["closed_at"] >= closed["occurred_at"]).all()
    assert 0.9 < len(closed) / len(year_of_incidents.incidents) < 0.99


def test_the_hotspot_lasts_the_whole_year(year_of_incidents: DemoIncidents) -> None:
    near = shapely.distance(year_of_incidents.incidents.geometry.to_numpy(), year_of_incidents.hotspot) < 60
    by_month = year_of_incidents.incidents[near].groupby(year_of_incidents.incidents["occurred_at"].dt.month).size()
    assert near.sum() > 250
    assert by_month.min() >= 10


def test_the_burst_begins_and_ends(year_of_incidents: DemoIncidents) -> None:
    near = year_of_incidents.incidents[
        shapely.distance(year_of_incidents.incidents.geometry.to_numpy(), year_of_incidents.burst) < 100
    ]
    within = near["occurred_at"].dt.date.between(year_of_incidents.burst_start, year_of_incidents.burst_end)
    assert within.sum() > 80
    assert within.sum() > 3 * (~within).sum()


def test_all_kinds_of_facilities_and_organisations_exist(demo: DemoTown) -> None:
    facilities = place_facilities(np.random.default_rng(1), demo.town, PARAMETERS)
    assert set(facilities["kind"]) == {
        "community_office",
        "health_station",
        "police_room",
        "street_lamp",
        "greenery",
        "manhole_cover",
        "bin",
    }
    kinds = place_organisations(demo.town, PARAMETERS)["kind"]
    assert set(kinds) == {"mass_organisation", "resident_unit", "volunteers"}


def assign_example_workers() -> DemoWorkers:
    kinds = np.array(["household", "household", "dedicated", "household"])
    return assign_workers(np.array([0, 0, 0, 1]), kinds, PARAMETERS)


def test_one_grid_is_vacant_and_every_other_has_one_worker_in_charge() -> None:
    workers = assign_example_workers()
    in_charge = workers.duties[workers.duties["in_charge"]]["grid"].value_counts()
    assert workers.vacant_grid == 3
    assert in_charge.to_dict() == {0: 1, 1: 1, 2: 1}


def test_a_worker_has_a_field_duty_besides_the_grid() -> None:
    duties = assign_example_workers().duties
    assert set(duties[duties["worker"] == 0]["kind"]) == {"own_grid", "field"}
