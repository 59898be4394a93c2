"""Cases of the corpus: one small town, written in many ways, and the values that must be read from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyproj import Transformer

from gridmap.core.errors import InputFault, InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.intake.source_file import SourceLike
from gridmap.formats.package.town import read_town
from gridmap.formats.readers.positions import crs_name

CODES = ("420106001001", "420106001002", "420106001003")
NAMES = ("水果湖社区", "放鹰台社区", "东湖路社区")


@dataclass(frozen=True)
class Case:
    """Small file with its right values.

    Parameters
    ----------
    name : str
        The fact that makes the file special.
    write : callable
        Function that writes the file into an empty folder, and returns what a command is given.
    expected : object
        Values that must be read, or the `Refusal`.
    is_quick : bool
        True for the cases that every run of the tests includes; the others run with ``--full``.
    """

    name: str
    write: Callable[[Path], SourceLike]
    expected: object
    is_quick: bool = False


@dataclass(frozen=True)
class Refusal:
    """Faults of a file that cannot be used: ``layer row column: problem`` for each."""

    faults: tuple[str, ...]

    @classmethod
    def of(cls, *faults: str) -> "Refusal":
        """Make the refusal with these faults."""
        return cls(faults)


@dataclass(frozen=True)
class TownFacts:
    """Values of a town as it was read; by default those of the sound one.

    Parameters
    ----------
    crs : str
        CRS that it is computed in.
    hectares : int
        Area of its communities; the metres of the zones of China are true to within a third of a percent.
    lonlat : tuple of float
        Longitude and latitude of its middle, to about 100 m.
    codes, names : tuple of str
        Of its communities.
    buildings, households : int
    """

    crs: str = "EPSG:4547"
    hectares: int = 48
    lonlat: tuple[float, float] = (114.319, 30.632)
    codes: tuple[str, ...] = CODES
    names: tuple[str, ...] = NAMES
    buildings: int = 36
    households: int = 2160


def run_cases(*groups: Iterable[Case]) -> pytest.MarkDecorator:
    """Parametrize a test by cases; those that are not quick are marked `full`."""
    cases = [case for group in groups for case in group]
    assert len({case.name for case in cases}) == len(cases), "a name stands for one case"
    marked = [
        pytest.param(case, id=case.name.replace(" ", "-"), marks=() if case.is_quick else pytest.mark.full)
        for case in cases
    ]
    return pytest.mark.parametrize("case", marked)


def read_facts(source: SourceLike) -> TownFacts | Refusal:
    """Read a town, and return its values or its faults."""
    facts: TownFacts | Refusal = read_or_refuse(lambda: town_facts(read_town(source)))
    return facts


def read_or_refuse(read: Callable[[], Any]) -> Any:
    """Return what a function reads, or its faults."""
    try:
        return read()
    except InvalidInput as error:
        return Refusal(tuple(describe_fault(fault) for fault in error.faults))


def describe_fault(fault: InputFault) -> str:
    """Return the place and the problem of a fault."""
    place = " ".join(str(part) for part in (fault.layer, fault.row, fault.column) if part)
    return f"{place}: {fault.problem}" if place else str(fault.problem)


def town_facts(town: Town) -> TownFacts:
    """Return the values of a town."""
    communities = town.communities.sort_values("code")
    west, south, east, north = communities.total_bounds
    to_lonlat = Transformer.from_crs(town.crs, 4490, always_xy=True)
    lon, lat = to_lonlat.transform((west + east) / 2, (south + north) / 2)
    return TownFacts(
        crs=crs_name(town.crs),
        hectares=round(float(communities.area.sum()) / 10_000),
        lonlat=(round(lon, 3), round(lat, 3)),
        codes=tuple(communities["code"]),
        names=tuple(communities["name"]),
        buildings=len(town.buildings),
        households=int(town.buildings["households"].sum()),
    )
