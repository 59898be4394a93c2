"""Layers that a repartition adds to a result: what moved, the grids of today, and the grids of the alternatives."""

from collections.abc import Mapping, Sequence

import geopandas as gpd

from gridmap.core.land.town import Town


def build_repartition_layers(
    town: Town, moves: gpd.GeoDataFrame, present: gpd.GeoDataFrame, alternatives: Sequence[gpd.GeoDataFrame]
) -> Mapping[str, gpd.GeoDataFrame]:
    """Build the layers that a repartition adds to those of a result.

    Parameters
    ----------
    town : Town
    moves : GeoDataFrame
        From `gridmap.core.repartition.moves.list_moves`.
    present : GeoDataFrame
        The grids of today, with ``grid_code``, ``households`` and ``status``, and ``load`` where the town has one.
    alternatives : sequence of GeoDataFrame
        Grids of the plans after the first, with the same columns.

    Returns
    -------
    mapping of str to GeoDataFrame
        ``moves``, ``present_grids``, ``alternative_2`` and so on, in the town's own CRS.
    """
    columns = ["grid_code", "community_code", "kind", "households", "buildings", "status", "geometry"]
    columns += ["load"] if town.load else []
    numbered = {f"alternative_{number}": grids[columns] for number, grids in enumerate(alternatives, 2)}
    layers = {"moves": moves, "present_grids": present[columns], **numbered}
    return {name: layer.to_crs(town.source_crs) for name, layer in layers.items()}
