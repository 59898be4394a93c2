"""Kinds of buildings by use, name and shape, with the assumptions for estimating their households."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MAX_ASSUMED_VALUES = {"gross_area_m2": 10_000.0, "levels": 200.0, "footprint_m2": 100_000.0}
"""Largest plausible values of assumptions; the smallest is 1."""


@dataclass(frozen=True)
class BuildingKind:
    """A kind of building and its households.

    Parameters
    ----------
    name : str
    keywords : tuple of str
        Lower case; a ``use`` that contains one of them, or a name that ends with one, means this kind.
    source : str
        Source of the values.
    gross_area_m2 : float or None
        Gross area of the building per household; None where nobody lives.
    range_factor : float
        Four buildings in five hold between the estimate divided by this factor and the estimate times it.
    levels : float
        Number of levels assumed where it is unknown.
    levels_range_factor : float
        Factor by which assumed levels widen the range.
    upper_gross_area_m2 : float
        Where nobody is expected: one building in ten has a household per this gross area, or more; infinite if none.
    vacant_share : float or None
        Share of such buildings without any household, where it was measured.
    """

    name: str
    keywords: tuple[str, ...]
    source: str
    gross_area_m2: float | None = None
    range_factor: float = 1.0
    levels: float = 1.0
    levels_range_factor: float = 1.0
    upper_gross_area_m2: float = np.inf
    vacant_share: float | None = None


@dataclass(frozen=True)
class ShapeRules:
    """Limits that decide the kind of a building whose use is unknown.

    Parameters
    ----------
    min_apartments_levels : float
        A building with fewer levels is a house.
    min_apartments_m2 : float
        A building with a smaller footprint is a house.
    min_apartments_m2_if_levels_unknown : float
        The same where the levels are unknown.
    min_hall_m2 : float
        A low building with at least this footprint is a hall.
    max_annex_m2 : float
        A building with a smaller footprint is an annex.
    """

    min_apartments_levels: float
    min_apartments_m2: float
    min_apartments_m2_if_levels_unknown: float
    min_hall_m2: float
    max_annex_m2: float


@dataclass(frozen=True, eq=False)
class KindParameters:
    """The values of its kind for each of many buildings; fields as in `BuildingKind`."""

    is_residential: BoolArray
    gross_area_m2: FloatArray
    range_factor: FloatArray
    levels: FloatArray
    levels_range_factor: FloatArray
    upper_households_per_m2: FloatArray


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of an estimate.

    Parameters
    ----------
    kinds : tuple of BuildingKind
        Among them ``apartments``, ``house``, ``hall`` and ``annex``; earlier kinds take precedence.
    shape_rules : ShapeRules
    residential_keywords : tuple of str
        Words in ``use`` that mean that people live there, but not in what kind of building.
    footprint_range_factor : float
        Factor by which an assumed footprint widens the range.
    footprint_m2 : float, optional
        Footprint assumed for points. None by default: the building that a point stands for is not known here.
    levels : float, optional
        Assumed for every building with unknown levels, instead of the levels of its kind.
    """

    kinds: tuple[BuildingKind, ...]
    shape_rules: ShapeRules
    residential_keywords: tuple[str, ...]
    footprint_range_factor: float
    footprint_m2: float | None = None
    levels: float | None = None

    def with_overrides(
        self, gross_area_m2: Mapping[str, float], footprint_m2: float | None = None, levels: float | None = None
    ) -> "Assumptions":
        """Return the assumptions with the values that a user states.

        Parameters
        ----------
        gross_area_m2 : mapping of str to float
            Gross area per household, by the name of a residential kind.
        footprint_m2, levels : float, optional
            As in the class.

        Raises
        ------
        InvalidInput
            If a kind is unknown or not residential, or a value is out of range.
        """
        values = [("gross_area_m2", area) for area in gross_area_m2.values()]
        values += [("footprint_m2", footprint_m2 or 1.0), ("levels", levels or 1.0)]
        residential = [kind.name for kind in self.kinds if kind.gross_area_m2]
        faults = [_unknown_kind_fault(name, residential) for name in gross_area_m2 if name not in residential]
        faults += [
            _value_out_of_range_fault(name, value)
            for name, value in values
            if not 1 <= value <= MAX_ASSUMED_VALUES[name]
        ]
        if faults:
            raise InvalidInput(faults)
        kinds = [replace(kind, gross_area_m2=gross_area_m2.get(kind.name, kind.gross_area_m2)) for kind in self.kinds]
        return replace(self, kinds=tuple(kinds), footprint_m2=footprint_m2, levels=levels)

    def kind_index(self, name: str) -> int:
        """Return the position of a kind among the kinds."""
        return next(number for number, kind in enumerate(self.kinds) if kind.name == name)

    def parameters_of(self, kind_index: IntArray) -> KindParameters:
        """Return the values for each of many buildings, from the positions of their kinds."""
        kinds = self.kinds
        return KindParameters(
            is_residential=np.array([kind.gross_area_m2 is not None for kind in kinds])[kind_index],
            gross_area_m2=np.array([kind.gross_area_m2 or np.inf for kind in kinds])[kind_index],
            range_factor=np.array([kind.range_factor for kind in kinds])[kind_index],
            levels=np.array([kind.levels for kind in kinds])[kind_index],
            levels_range_factor=np.array([kind.levels_range_factor for kind in kinds])[kind_index],
            upper_households_per_m2=np.array([1 / kind.upper_gross_area_m2 for kind in kinds])[kind_index],
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
    """Classify each building by its use, or else by the end of its name, or else by its shape.

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
    ndarray of int, one per building
        Positions in the kinds of the assumptions.

    Examples
    --------
    >>> from gridmap.services.files.estimate import read_assumptions
    >>> assumptions = read_assumptions()
    >>> columns = {"use": ["school", None, None], "name": [None, "同德购物中心", None]}
    >>> buildings = gpd.GeoDataFrame(columns, dtype=object)
    >>> kinds = classify_buildings(buildings, np.full(3, 600.0), np.full(3, 6.0), assumptions)
    >>> [assumptions.kinds[kind].name for kind in kinds]
    ['institution', 'commerce', 'apartments']
    """
    texts = zip(buildings["use"], buildings["name"], strict=True)
    kinds = [_kind_from_text(use, name, assumptions) for use, name in texts]
    by_text = np.array([-1 if kind is None else kind for kind in kinds], dtype=np.int64)
    is_residential = np.array(
        [_contains_any(use, assumptions.residential_keywords) for use in buildings["use"]], dtype=np.bool_
    )
    return np.where(by_text >= 0, by_text, _classify_by_shape(area, levels, is_residential, assumptions))


def _kind_from_text(use: str | None, name: str | None, assumptions: Assumptions) -> int | None:
    """Return the position of the kind that the texts mean, or None.

    The kind of a building is at the end of its name, in Chinese and in English.
    """
    kinds = enumerate(assumptions.kinds)
    if use:
        return next((number for number, kind in kinds if _contains_any(use, kind.keywords)), None)
    lower_name = (name or "").lower()
    return next((number for number, kind in kinds if kind.keywords and lower_name.endswith(kind.keywords)), None)


def _contains_any(text: str | None, keywords: Sequence[str]) -> bool:
    return text is not None and any(keyword in text.lower() for keyword in keywords)


def _classify_by_shape(
    area: FloatArray, levels: FloatArray, is_residential: BoolArray, assumptions: Assumptions
) -> IntArray:
    rules = assumptions.shape_rules
    is_unknown = np.isnan(levels)
    is_tall = np.where(
        is_unknown, area >= rules.min_apartments_m2_if_levels_unknown, levels >= rules.min_apartments_levels
    )
    is_apartments = is_tall & (area >= rules.min_apartments_m2)
    is_hall = ~is_residential & ~is_unknown & ~is_tall & (area >= rules.min_hall_m2)
    is_annex = ~is_residential & (area < rules.max_annex_m2)
    names = np.select([is_annex, is_hall, is_apartments], ["annex", "hall", "apartments"], "house")
    return np.array([assumptions.kind_index(name) for name in names], dtype=np.int64)
