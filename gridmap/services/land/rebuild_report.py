"""Report on land that was built anew: what it changed, in codes and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gridmap.core.errors import N_, Message
from gridmap.services.land.carry import CarriedRevision

BUILT = N_("{community}: the land was built anew and holds from {date} on: {cells} cells, {buildings} buildings.")
NEWLY_LINKED = N_("Buildings that were in no cell before: {codes}")
CHANGED_COMMUNITY = N_("Buildings that belong to {community} now: {codes}")
CARRIED = N_("Revision {parent} is carried to the new land as revision {number}.")
LEFT_NORM = N_("Grid {grid} left the norm: {households} households.")
MOVED = N_("Buildings that could not keep their grid: {codes}")
DIVIDED = N_("Grids in several pieces, which no open land connects: {codes}")
ENDED = N_("Grids that have no land any more: {codes}")
STALE = N_("Drafts that stay on the land before: revisions {numbers}")
RELINKED = N_(
    "Places with another cell: {incident} incidents, {facility} facilities, {organisation} organisations, {shop} shops."
)
MAX_LISTED = 30


@dataclass(frozen=True)
class CommunityReport:
    """Change of one community.

    Parameters
    ----------
    code, name : str
    land_id : int
        Key of the new land.
    cells, buildings : int
    newly_linked : sequence of str
        Codes of standing buildings that were in no cell of this community before.
    carried : sequence of CarriedRevision
    stale : sequence of int
        Numbers of drafts that stay on the land before.
    """

    code: str
    name: str
    land_id: int
    cells: int
    buildings: int
    newly_linked: Sequence[str] = ()
    carried: Sequence[CarriedRevision] = ()
    stale: Sequence[int] = ()


@dataclass(frozen=True)
class RebuildReport:
    """Result of building land anew.

    Parameters
    ----------
    holds_from : date
    communities : sequence of CommunityReport
        The one that was asked for first; its neighbours where a boundary was mended.
    changed_community : mapping of str to sequence of str
        Codes of buildings that a mended boundary gives to another community, by the code of the new one.
    places : mapping of str to int
        Places with another cell, by table.
    """

    holds_from: date
    communities: Sequence[CommunityReport]
    changed_community: Mapping[str, Sequence[str]] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "holds_from": self.holds_from.isoformat(),
            "communities": [_community_json(each) for each in self.communities],
            "changed_community": {code: list(codes) for code, codes in self.changed_community.items()},
            "places": dict(self.places),
        }


def describe_report(report: Mapping[str, object]) -> Iterator[Message]:
    """Yield the sentences of a report, given as the plain values of `RebuildReport.as_json`.

    Stored reports are described in the language of the reader.
    """
    for each in _mappings(report["communities"]):
        values = {"community": each["name"], "date": report["holds_from"], **each}
        yield Message(BUILT, values)
        yield from _listed(NEWLY_LINKED, each["newly_linked"])
        for revision in _mappings(each["revisions"]):
            yield from _describe_revision(revision)
        yield from _listed(STALE, each["stale"], "numbers")
    for community, codes in _items(report["changed_community"]):
        yield from (Message(CHANGED_COMMUNITY, {"community": community, "codes": text}) for text in _join(codes))
    yield Message(RELINKED, dict(_items(report["places"])))


def _describe_revision(revision: Mapping[str, object]) -> Iterator[Message]:
    yield Message(CARRIED, revision)
    for grid in _mappings(revision["left_norm"]):
        yield Message(LEFT_NORM, grid)
    yield from _listed(MOVED, revision["moved_buildings"])
    yield from _listed(DIVIDED, revision["divided_grids"])
    yield from _listed(ENDED, revision["ended_grids"])


def _community_json(each: CommunityReport) -> dict[str, object]:
    return {
        "code": each.code,
        "name": each.name,
        "cells": each.cells,
        "buildings": each.buildings,
        "newly_linked": list(each.newly_linked),
        "revisions": [_revision_json(carried) for carried in each.carried],
        "stale": list(each.stale),
    }


def _revision_json(carried: CarriedRevision) -> dict[str, object]:
    return {
        "parent": carried.parent.number,
        "number": carried.revision.number,
        "left_norm": [{"grid": grid, "households": households} for grid, households in carried.left_norm],
        "moved_buildings": list(carried.moved_buildings),
        "divided_grids": list(carried.divided_grids),
        "ended_grids": list(carried.ended_grids),
    }


def _listed(template: str, values: object, name: str = "codes") -> Iterator[Message]:
    yield from (Message(template, {name: text}) for text in _join(values))


def _join(values: object) -> Iterator[str]:
    """Yield a list as one text, shortened; nothing for an empty one."""
    listed = [str(value) for value in values] if isinstance(values, list | tuple) else []
    if listed:
        rest = [f"… ({len(listed)})"] if len(listed) > MAX_LISTED else []
        yield ", ".join([*listed[:MAX_LISTED], *rest])


def _mappings(values: object) -> Iterator[Mapping[str, object]]:
    yield from values if isinstance(values, list) else ()


def _items(values: object) -> Iterator[tuple[str, object]]:
    if isinstance(values, Mapping):
        yield from values.items()
