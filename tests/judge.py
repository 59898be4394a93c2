"""A judge of divisions without any of the project's code: what the files say, held against the rules of the land."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

HAIR_M = 0.1
"""Edges that were re-projected differ by less than this; what is narrower is nobody's land."""
NEAR_M = 5.0
"""Buildings may stand this far outside; their grid is then beside them."""
CUT = 0.002
"""Share of the buildings that may be cut by a border: footprints that overlap cannot all be whole."""


@dataclass(frozen=True, eq=False)
class Case:
    """A town and its division, in metres.

    `assignment` has ``building_id`` and ``grid_code``; `noted` names courtyards and buildings told to be divided.
    """

    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    assignment: pd.DataFrame
    noted: frozenset[str] = frozenset()

    @classmethod
    def read(cls, town: Path, result: Path) -> "Case":
        """The files of a town package and of its division."""
        communities, buildings = (pyogrio.read_dataframe(town, layer=name) for name in ("communities", "buildings"))
        metric = communities.estimate_utm_crs()
        return cls(
            communities.to_crs(metric).astype({"code": str}),
            buildings.to_crs(metric).astype({"building_id": str}),
            pyogrio.read_dataframe(result, layer="grids").to_crs(metric),
            pyogrio.read_dataframe(result, layer="assignment"),
        )

    @property
    def parts(self) -> gpd.GeoDataFrame:
        """The single polygons of the communities, with their ``code``."""
        return self.communities[["code", "geometry"]].explode(ignore_index=True)

    @property
    def placed(self) -> gpd.GeoDataFrame:
        """Buildings with the ``code`` and ``part`` that hold most of them, and their ``grid_code``."""
        parts, shapes = self.parts, self.buildings.geometry.to_numpy()
        building, part = shapely.STRtree(parts.geometry.to_numpy()).query(shapes, predicate="dwithin", distance=NEAR_M)
        share = shapely.area(shapely.intersection(shapes[building], parts.geometry.to_numpy()[part]))
        apart = shapely.distance(shapes[building], parts.geometry.to_numpy()[part])
        pairs = pd.DataFrame({"building": building, "part": part, "rank": share - apart})
        best = pairs.sort_values("rank", kind="stable").drop_duplicates("building", keep="last").set_index("building")
        at = best["part"].reindex(range(len(shapes))).to_numpy()
        placed = self.buildings.assign(part=at, code=parts["code"].to_numpy()[at.astype(int)])
        return placed.merge(self.assignment.drop_duplicates("building_id"), on="building_id", how="left")


def faults(case: Case) -> list[str]:
    """Everything that is wrong with a division, except for grids out of range."""
    rules = (_codes, _land, _homes, _one_piece, _over_parts, _assignment, _covered, _sums, _courtyards)
    return [fault for rule in rules for fault in rule(case)]


def out_of_range(case: Case, minimum: int = 300, maximum: int = 500) -> set[str]:
    """Codes of the household grids whose buildings do not add up to a number in the range."""
    households = _households(case)
    of_people = case.grids.set_index("grid_code")["kind"].reindex(households.index) == "household"
    return set(households.index[of_people & ~households.between(minimum, maximum)])


def thick(shape: shapely.Geometry) -> float:
    """Square metres of a shape that are wider than a hair."""
    return float(shape.buffer(-HAIR_M / 2).buffer(HAIR_M / 2).area)


def _households(case: Case) -> "pd.Series[int]":
    assigned = case.assignment.merge(case.buildings[["building_id", "households"]], on="building_id")
    return assigned.groupby("grid_code")["households"].sum().reindex(case.grids["grid_code"], fill_value=0)


def _codes(case: Case) -> Iterator[str]:
    for code in case.grids["grid_code"][case.grids["grid_code"].duplicated()]:
        yield f"{code} is the code of two grids"


def _land(case: Case) -> Iterator[str]:
    territory, covered = case.communities.union_all(), case.grids.union_all()
    shapes = case.grids.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.intersection(shapes[one[one < two]], shapes[two[one < two]])
    overlap = sum(thick(shape) for shape in shared[shapely.area(shared) > 0])
    lacking, beyond = thick(territory - covered), thick(covered - territory)
    for name, area in (("gap", lacking), ("spill", beyond), ("overlap", overlap)):
        if area > 1:
            yield f"{name} of {area:.1f} m2"


def _homes(case: Case) -> Iterator[str]:
    home = case.communities.set_index("code").geometry
    for code, community, shape in _rows(case, "grid_code", "community_code"):
        if thick(shape - home[community]) > 1:
            yield f"{code} reaches beyond {community}"
    for community in set(home.index) - set(case.grids["community_code"]):
        yield f"{community} has no grid"


def _one_piece(case: Case) -> Iterator[str]:
    parts = case.parts
    for code, community, shape in _rows(case, "grid_code", "community_code"):
        for part in parts.geometry[parts["code"] == community]:
            count = sum(thick(piece) > 0.5 for piece in shapely.get_parts(shape & part))
            if count > 1:
                yield f"{code} is in {count} pieces"


def _over_parts(case: Case, minimum: int = 300) -> Iterator[str]:
    """A grid takes in another part of its community only where that is too small for a grid."""
    households = case.placed.groupby("part")["households"].sum()
    full = case.parts[households.reindex(range(len(case.parts)), fill_value=0) >= minimum]
    for code, community, shape in _rows(case, "grid_code", "community_code"):
        if sum(thick(shape & part) > 0.5 for part in full.geometry[full["code"] == community]) > 1:
            yield f"{code} lies in several parts of {community}"


def _rows(case: Case, *columns: str) -> Iterator[tuple[str, str, shapely.Geometry]]:
    return zip(*(case.grids[column] for column in columns), case.grids.geometry, strict=True)


def _assignment(case: Case) -> Iterator[str]:
    wanted, found = case.buildings["building_id"], case.assignment["building_id"]
    if sorted(wanted) != sorted(found):
        yield f"{len(found)} buildings assigned of {len(wanted)}: {sorted(set(wanted) ^ set(found))[:3]}"
    placed = case.placed
    home = case.grids.set_index("grid_code")["community_code"].reindex(placed["grid_code"]).to_numpy()
    for building in placed["building_id"][placed["code"].to_numpy() != home]:
        yield f"building {building} is in a grid of another community"


def _covered(case: Case) -> Iterator[str]:
    placed = case.placed
    own = case.parts.geometry.to_numpy()[placed["part"]]
    grid = case.grids.set_index("grid_code").geometry.reindex(placed["grid_code"]).to_numpy()
    inside = shapely.intersection(placed.geometry.to_numpy(), own)
    solid = shapely.area(inside) > 1
    most = shapely.area(shapely.intersection(inside, grid)) > 0.995 * shapely.area(inside)
    near = shapely.distance(placed.geometry.to_numpy(), grid) <= NEAR_M
    cut = placed["building_id"][~np.where(solid, most, near) & ~placed["building_id"].isin(case.noted)]
    if len(cut) > CUT * len(placed):
        yield f"{len(cut)} buildings are cut: {cut.tolist()[:3]}"


def _sums(case: Case) -> Iterator[str]:
    wrong = _households(case).to_numpy() != case.grids["households"].to_numpy()
    for code in case.grids["grid_code"][wrong]:
        yield f"{code} has another number of households than its buildings"


def _courtyards(case: Case, maximum: int = 500) -> Iterator[str]:
    if "courtyard" not in case.buildings:
        return
    placed = case.placed.merge(case.grids[["grid_code", "kind"]], on="grid_code")
    yards = placed[~placed["courtyard"].isin(case.noted)].groupby(["code", "courtyard", "kind"])
    found = yards.agg(households=("households", "sum"), grids=("grid_code", "nunique"), parts=("part", "nunique"))
    for yard in found.index[(found["households"] <= maximum) & (found["grids"] > 1) & (found["parts"] == 1)]:
        yield f"courtyard {yard[1]} is divided"
