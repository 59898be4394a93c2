"""What a building is, as far as its use, its name and its shape tell, and how many households that makes likely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MAX_ASSUMED_VALUES = {"gross_area_m2": 10_000.0, "levels": 200.0, "footprint_m2": 100_000.0}
"""Largest numbers that are no slip of the pen; the smallest is 1."""


@dataclass(frozen=True)
class BuildingKind:
    """A kind of building and its households.

    Parameters
    ----------
    name : str
    words : tuple of str
        Lower case; a ``use`` that holds one of them, or a name that ends with one, means this kind.
    source : str
        Where the numbers come from.
    gross_area_m2 : float or None
        Gross area of the building for each household; None where nobody lives.
    factor : float
        Four buildings in five hold between the estimate over it and the estimate times it.
    levels, levels_factor : float
        Taken where they are unknown; how much wider that makes the range.
    high_m2 : float
        Where nobody lives: one building in ten has a household for so much gross area, or more; infinite without such.
    empty : float or None
        Share of such buildings that hold nobody, where it was measured.
    """

    name: str
    words: tuple[str, ...]
    source: str
    gross_area_m2: float | None = None
    factor: float = 1.0
    levels: float = 1.0
    levels_factor: float = 1.0
    high_m2: float = np.inf
    empty: float | None = None


@dataclass(frozen=True)
class ShapeRules:
    """What a building of unstated use is: sizes of footprints in square metres, and a number of levels."""

    apartments_levels: float
    apartments_m2: float
    apartments_m2_alone: float
    hall_m2: float
    annex_m2: float


@dataclass(frozen=True, eq=False)
class KindParameters:
    """The numbers of its kind for each building."""

    is_residential: BoolArray
    gross_area_m2: FloatArray
    range_factor: FloatArray
    levels: FloatArray
    levels_range_factor: FloatArray
    upper_households_per_m2: FloatArray


@dataclass(frozen=True)
class Assumptions:
    """All that an estimate takes for granted.

    Parameters
    ----------
    kinds : tuple of BuildingKind
        Among them ``apartments``, ``house``, ``hall`` and ``annex``; earlier ones are looked for first.
    shape_rules : ShapeRules
    residential_words : tuple of str
        Words in ``use`` that say that people live there, but not in what kind of building.
    footprint_range_factor : float
        How much wider an assumed footprint makes the range.
    footprint_m2 : float, optional
        Taken for points. None by default: what a point stands for is not known here.
    levels : float, optional
        Taken for every building whose levels are unknown, instead of those of its kind.
    """

    kinds: tuple[BuildingKind, ...]
    shape_rules: ShapeRules
    residential_words: tuple[str, ...]
    footprint_range_factor: float
    footprint_m2: float | None = None
    levels: float | None = None

    def with_overrides(
        self, gross_area_m2: Mapping[str, float], footprint_m2: float | None = None, levels: float | None = None
    ) -> "Assumptions":
        """The same with what a user states; gross areas by the name of a kind where people live.

        Raises
        ------
        InvalidInput
            For a kind that is unknown or without households, and for numbers that cannot be.
        """
        numbers = [("gross_area_m2", area) for area in gross_area_m2.values()]
        numbers += [("footprint_m2", footprint_m2 or 1.0), ("levels", levels or 1.0)]
        lived_in = [kind.name for kind in self.kinds if kind.gross_area_m2]
        faults = [_unknown_kind_fault(name, lived_in) for name in gross_area_m2 if name not in lived_in]
        faults += [
            _value_out_of_range_fault(name, value)
            for name, value in numbers
            if not 1 <= value <= MAX_ASSUMED_VALUES[name]
        ]
        if faults:
            raise InvalidInput(faults)
        kinds = [replace(kind, gross_area_m2=gross_area_m2.get(kind.name, kind.gross_area_m2)) for kind in self.kinds]
        return replace(self, kinds=tuple(kinds), footprint_m2=footprint_m2, levels=levels)

    def kind_index(self, name: str) -> int:
        """Where a kind stands among the kinds."""
        return next(number for number, kind in enumerate(self.kinds) if kind.name == name)

    def parameters_of(self, kind_index: IntArray) -> KindParameters:
        """Numbers for each of many buildings, from the positions of their kinds."""
        kinds = self.kinds
        return KindParameters(
            is_residential=np.array([each.gross_area_m2 is not None for each in kinds])[kind_index],
            gross_area_m2=np.array([each.gross_area_m2 or np.inf for each in kinds])[kind_index],
            range_factor=np.array([each.factor for each in kinds])[kind_index],
            levels=np.array([each.levels for each in kinds])[kind_index],
            levels_range_factor=np.array([each.levels_factor for each in kinds])[kind_index],
            upper_households_per_m2=np.array([1 / each.high_m2 for each in kinds])[kind_index],
        )


def _unknown_kind_fault(name: str, known: Sequence[str]) -> InputFault:
    return InputFault(
        Message(N_("this is not a kind of residential building")),
        value=name,
        expected=Message(N_("one of {known}"), {"known": ", ".join(known)}),
    )


def _value_out_of_range_fault(name: str, value: float) -> InputFault:
    return InputFault(
        Message(N_("an assumption is out of range")),
        column=name,
        value=f"{value:g}",
        expected=Message(N_("a number from 1 to {maximum}"), {"maximum": f"{MAX_ASSUMED_VALUES[name]:g}"}),
    )


def classify_buildings(
    buildings: gpd.GeoDataFrame, area: FloatArray, levels: FloatArray, assumptions: Assumptions
) -> IntArray:
    """Kind of each building: by its use, else by the end of its name, else by its shape.

    Parameters
    ----------
    buildings : GeoDataFrame
        With ``use`` and ``name``, str or None.
    area : ndarray of float, square metres
        Their footprints.
    levels : ndarray of float
        NaN where unknown.
    assumptions : Assumptions

    Returns
    -------
    ndarray of int
        Positions in the kinds of the assumptions.
    """
    told = [
        _kind_from_text(use, name, assumptions) for use, name in zip(buildings["use"], buildings["name"], strict=True)
    ]
    by_words = np.array([-1 if kind is None else kind for kind in told], dtype=np.int64)
    home = np.array([_contains_any(use, assumptions.residential_words) for use in buildings["use"]], dtype=np.bool_)
    return np.where(by_words >= 0, by_words, _classify_by_shape(area, levels, home, assumptions))


def _kind_from_text(use: str | None, name: str | None, assumptions: Assumptions) -> int | None:
    """Position of the kind that the words say, or None. Names say it last, in Chinese as in English."""
    kinds = enumerate(assumptions.kinds)
    if use:
        return next((number for number, kind in kinds if _contains_any(use, kind.words)), None)
    called = (name or "").lower()
    return next((number for number, kind in kinds if kind.words and called.endswith(kind.words)), None)


def _contains_any(text: str | None, words: Sequence[str]) -> bool:
    return text is not None and any(word in text.lower() for word in words)


def _classify_by_shape(
    area: FloatArray, levels: FloatArray, is_residential: BoolArray, assumptions: Assumptions
) -> IntArray:
    rules = assumptions.shape_rules
    unknown = np.isnan(levels)
    tall = np.where(unknown, area >= rules.apartments_m2_alone, levels >= rules.apartments_levels)
    apartments = tall & (area >= rules.apartments_m2)
    hall = ~is_residential & ~unknown & ~tall & (area >= rules.hall_m2)
    names = np.select(
        [~is_residential & (area < rules.annex_m2), hall, apartments], ["annex", "hall", "apartments"], "house"
    )
    return np.array([assumptions.kind_index(name) for name in names], dtype=np.int64)
