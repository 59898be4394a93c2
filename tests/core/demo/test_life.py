"""Who lives in the built-in subdistrict, and what happens there."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from gridmap.core import personal
from gridmap.core.demo import Demo, build_demo
from gridmap.core.demo.fittings import place_facilities, place_organisations
from gridmap.core.demo.happenings import Happenings, a_year_of_incidents
from gridmap.core.demo.homes import Homes, settle_homes
from gridmap.core.demo.roster import Roster, staff
from gridmap.services.towns import read_life, read_recipe

TODAY = date(2026, 6, 1)
LIFE = read_life()


@pytest.fixture(scope="module")
def demo() -> Demo:
    return build_demo(4_800, 0, read_recipe("strip"))


@pytest.fixture(scope="module")
def homes(demo: Demo) -> Homes:
    return settle_homes(np.random.default_rng(1), demo.town, LIFE, TODAY)


@pytest.fixture(scope="module")
def year(demo: Demo) -> Happenings:
    return a_year_of_incidents(np.random.default_rng(1), demo.town, LIFE, TODAY)


def test_twelve_thousand_people_live_in_every_household_that_was_counted(demo: Demo, homes: Homes) -> None:
    counted = demo.town.buildings["households"].to_numpy()
    assert np.array_equal(np.bincount(homes.households["building"], minlength=len(counted)), counted)
    assert len(homes.residents) == 12_000
    assert homes.residents["household"].nunique() == 4_800


def test_every_household_has_a_door_of_its_own(homes: Homes) -> None:
    assert homes.households["dwelling"].is_unique
    assert not homes.dwellings.duplicated(["building", "unit", "number"]).any()


def test_identity_numbers_are_valid_and_of_no_county(homes: Homes) -> None:
    assert not any(map(personal.gb_11643, homes.residents["id_number"]))
    assert homes.residents["id_number"].str.startswith("440199").all()
    assert homes.residents["id_number"].is_unique


def test_no_phone_could_ever_ring(homes: Homes) -> None:
    phones = homes.residents["phone"].dropna()
    assert phones.str.fullmatch(r"100\d{8}").all()
    assert phones.is_unique


def test_names_say_that_nobody_has_them(homes: Homes) -> None:
    assert homes.residents["name"].str.contains("示例").all()


def test_two_in_five_are_old_and_a_household_has_a_grown_up(homes: Homes) -> None:
    born = homes.residents["birth_year"]
    assert (born <= 2026 - 60).mean() == pytest.approx(0.4, abs=0.02)
    assert (born.groupby(homes.residents["household"]).min() <= 2026 - 18).all()


def test_the_same_seed_settles_the_same_people(demo: Demo, homes: Homes) -> None:
    again = settle_homes(np.random.default_rng(1), demo.town, LIFE, TODAY)
    assert again.residents.equals(homes.residents)


def test_incidents_fill_the_year_and_none_lies_ahead(year: Happenings) -> None:
    occurred = year.incidents["occurred_at"]
    assert len(occurred) == LIFE.incidents + LIFE.burst
    assert (occurred.min().date(), occurred.max().date()) == (TODAY - timedelta(365), TODAY - timedelta(1))


def test_what_was_closed_was_closed_later_than_it_happened(year: Happenings) -> None:
    closed = year.incidents[year.incidents["closed_at"].notna()]
    assert (closed["closed_at"] >= closed["occurred_at"]).all()
    assert 0.9 < len(closed) / len(year.incidents) < 0.99


def test_there_is_a_hotspot_all_year_round(year: Happenings) -> None:
    near = shapely.distance(year.incidents.geometry.to_numpy(), year.hotspot) < 60
    by_month = year.incidents[near].groupby(year.incidents["occurred_at"].dt.month).size()
    assert near.sum() > 250
    assert by_month.min() >= 10


def test_there_is_a_burst_that_begins_and_ends(year: Happenings) -> None:
    near = year.incidents[shapely.distance(year.incidents.geometry.to_numpy(), year.burst) < 100]
    within = near["occurred_at"].dt.date.between(year.burst_from, year.burst_until)
    assert within.sum() > 80
    assert within.sum() > 3 * (~within).sum()


def test_all_layers_of_the_responsibility_map_are_there(demo: Demo) -> None:
    facilities = place_facilities(np.random.default_rng(1), demo.town, LIFE)
    assert set(facilities["kind"]) == {
        "community_office",
        "health_station",
        "police_room",
        "street_lamp",
        "greenery",
        "manhole_cover",
        "bin",
    }
    kinds = place_organisations(demo.town, LIFE)["kind"]
    assert set(kinds) == {"mass_organisation", "resident_unit", "volunteers"}


def rostered() -> Roster:
    kinds = np.array(["household", "household", "dedicated", "household"])
    return staff(np.array([0, 0, 0, 1]), kinds, LIFE)


def test_one_grid_is_vacant_and_every_other_has_one_in_charge() -> None:
    roster = rostered()
    in_charge = roster.duties[roster.duties["in_charge"]]["grid"].value_counts()
    assert roster.vacant == 3
    assert in_charge.to_dict() == {0: 1, 1: 1, 2: 1}


def test_a_worker_has_a_line_of_work_beside_the_grid() -> None:
    duties = rostered().duties
    assert set(duties[duties["worker"] == 0]["line"]) == {"own_grid", "field"}
