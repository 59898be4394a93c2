"""Rules that every plan keeps, as named predicates: a broken one says its name, place and number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.arrays import Shapes
from gridmap.core.land import Land
from gridmap.core.names import GridKind
from gridmap.core.plan import Plan
from gridmap.core.town import Town

HAIR_M2_PER_M = 1e-3
"""Rounding to the millimetre may move a boundary by as much."""


class BrokenPlanError(RuntimeError):
    """A plan that breaks a rule of the land: a fault of the program, never written."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A plan with all that its rules look at; `shapes` are its grids."""

    town: Town
    land: Land
    plan: Plan
    shapes: Shapes


@dataclass(frozen=True)
class Breach:
    """A broken rule: its name, where, and by how much."""

    rule: str
    place: str
    number: float

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: {self.number:g}"


def covers(subject: Subject) -> Iterator[Breach]:
    """The grids share edges vertex for vertex and cover their community: no gap, overlap or spill."""
    if not shapely.coverage_is_valid(subject.shapes):
        yield Breach("covers", "town", float(len(subject.shapes)))
    area = np.bincount(subject.plan.community, shapely.area(subject.shapes), len(subject.town.communities))
    whole = subject.town.communities.geometry
    for code, got, want, around in zip(subject.town.communities["code"], area, whole.area, whole.length, strict=True):
        if abs(got - want) > HAIR_M2_PER_M * around + 1.0:
            yield Breach("covers", code, got - want)


def in_one_piece(subject: Subject) -> Iterator[Breach]:
    """A grid is one polygon within each part of its community, or within its dedicated land."""
    parts = shapely.get_num_geometries(subject.town.communities.geometry.to_numpy())[subject.plan.community]
    pieces = shapely.get_num_geometries(subject.shapes)
    for grid in np.flatnonzero(pieces > parts):
        yield Breach("in_one_piece", f"grid {grid}", float(pieces[grid]))


def within_community(subject: Subject) -> Iterator[Breach]:
    """No grid has land of two communities."""
    foreign = subject.land.community != subject.plan.community[subject.plan.of_cell]
    for cell in np.flatnonzero(foreign):
        yield Breach("within_community", f"cell {cell}", float(subject.land.community[cell]))


def keeps_dedicated(subject: Subject) -> Iterator[Breach]:
    """Dedicated land is in grids of its own kind, and two lands never in one grid."""
    plan, dedicated = subject.plan, subject.land.dedicated
    held = np.unique(np.stack([plan.of_cell, dedicated], axis=1)[dedicated >= 0], axis=0)[:, 0]
    of_household = np.array([kind is GridKind.HOUSEHOLD for kind in plan.kind])
    wrong = np.bincount(held, minlength=len(plan)) > np.where(of_household, 0, 1)
    for grid in np.flatnonzero(wrong):
        yield Breach("keeps_dedicated", f"grid {grid}", float((held == grid).sum()))


RULES: tuple[Callable[[Subject], Iterator[Breach]], ...] = (covers, in_one_piece, within_community, keeps_dedicated)


def breaches(town: Town, land: Land, plan: Plan, shapes: Shapes) -> list[Breach]:
    """Every rule a plan breaks; an empty list for a sound plan.

    Parameters
    ----------
    town, land, plan : Town, Land, Plan
        What was divided, and how.
    shapes : ndarray of Polygon or MultiPolygon, metres
        The grids.
    """
    subject = Subject(town, land, plan, shapes)
    return [breach for rule in RULES for breach in rule(subject)]
