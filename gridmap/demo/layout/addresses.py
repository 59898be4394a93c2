"""Names and addresses of buildings: estates, courtyards, building numbers, and doorplates along the streets."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import pandas as pd

from gridmap.demo.layout.ground_plan import GroundPlan
from gridmap.demo.layout.plots import BlockContent, DemoBuilding
from gridmap.demo.layout.settlement import Block
from gridmap.demo.name_lists import NameLists


class Doorplate(NamedTuple):
    """Place of a doorplate: street, side (0 is west or south), distance along the street, and the gate that has it."""

    street: str
    side: int
    along: float
    gate: object


BuildingRow = tuple[str | None, str | None, str | None, str, int, float, object]
"""Estate, courtyard and name of a building, and the fields of its doorplate."""
AddressRow = tuple[str, int, str | None, str | None, str | None]
"""Street, number, estate, courtyard and name of a building."""


def name_lanes(name_lists: NameLists, blocks: Sequence[Block]) -> list[list[str | None]]:
    """Return a name for each lane of each block; roads within an estate have none."""
    numbers = count()
    return [
        [
            name_lists.lanes.name_at(next(numbers)) if _is_old_lane(block.content, line.kind) else None
            for line in block.content.lines
        ]
        for block in blocks
    ]


def _is_old_lane(content: BlockContent, kind: str) -> bool:
    return kind == "lane" and not any(line.kind == "wall" for line in content.lines)


def name_buildings(ground_plan: GroundPlan, blocks: Sequence[Block]) -> dict[str, list[str | None]]:
    """Return the columns ``estate``, ``courtyard``, ``name`` and ``address`` of all buildings.

    Parameters
    ----------
    ground_plan : GroundPlan
        The plan.
    blocks : sequence of Block
        Its blocks with their buildings.

    Returns
    -------
    dict of str to list
        The buildings of an estate or courtyard share the doorplate of its gate; every other building has its own.
        Numbers are odd on one side of the street and even on the other, and rise to the north and east.
    """
    name_lists = ground_plan.preset.name_lists
    estate_names = _estate_names(name_lists, blocks)
    rows = [
        row
        for block, lane_names in zip(blocks, name_lanes(name_lists, blocks), strict=True)
        for row in _doorplate_rows(ground_plan, block, lane_names, next(estate_names))
    ]
    table = pd.DataFrame(rows, columns=["estate", "courtyard", "name", *Doorplate._fields])
    gates = table.drop_duplicates(["street", "gate"]).sort_values(["street", "side", "along"], kind="stable")
    gates = gates.assign(number=2 * gates.groupby(["street", "side"]).cumcount() + gates["side"] + 1)
    numbered = table.merge(gates[["street", "gate", "number"]], how="left", on=["street", "gate"])
    columns = _with_public_names(name_lists, numbered.astype(object).where(numbered.notna(), None), blocks)
    columns["address"] = [
        _format_address(name_lists, row) for row in zip(*(columns[key] for key in ADDRESS_COLUMNS), strict=True)
    ]
    return {key: list(columns[key]) for key in ("estate", "courtyard", "name", "address")}


ADDRESS_COLUMNS = ("street", "number", "estate", "courtyard", "name")


def _estate_names(name_lists: NameLists, blocks: Sequence[Block]) -> Iterator[str | None]:
    numbers = {"estates": count(), "courtyard_estates": count()}
    for block in blocks:
        kind = block.content.estate
        yield getattr(name_lists, kind).name_at(next(numbers[kind])) if kind else None


def _doorplate_rows(
    ground_plan: GroundPlan, block: Block, lane_names: list[str | None], estate_name: str | None
) -> Iterator[BuildingRow]:
    name_lists = ground_plan.preset.name_lists
    name_format = name_lists.building[(block.column + block.row) % len(name_lists.building)]
    doorplates: dict[object, Doorplate] = {}
    for order, building in enumerate(block.content.buildings):
        estate = estate_name if building.number is not None else None
        courtyard = (
            name_lists.courtyard.format(parent=estate, number=building.courtyard + 1)
            if estate and building.courtyard is not None
            else None
        )
        gate = (block.column, block.row, courtyard or estate or order)
        doorplate = _find_doorplate(ground_plan, block, building, lane_names)._replace(gate=gate)
        yield (
            estate,
            courtyard,
            _building_name(name_lists, name_format, building),
            *doorplates.setdefault(gate, doorplate),
        )


def _building_name(name_lists: NameLists, name_format: str, building: DemoBuilding) -> str | None:
    if building.number is None:
        return None
    name = name_format.format(number=building.number)
    return name if building.unit is None else name_lists.unit.format(parent=name, number=building.unit)


def _find_doorplate(
    ground_plan: GroundPlan, block: Block, building: DemoBuilding, lane_names: list[str | None]
) -> Doorplate:
    """Return a doorplate at the lane of the building, else at the nearest street around the block."""
    box, name_lists = block.box, ground_plan.preset.name_lists
    x, y = (building.box.west + building.box.east) / 2, (building.box.south + building.box.north) / 2
    if building.lane is not None:
        lane = block.content.lines[building.lane]
        return Doorplate(lane_names[building.lane] or "", int(y > lane.points[0][1]), x, None)
    distances = [x - box.west, box.east - x, y - box.south, box.north - y]
    side = int(np.argmin(distances))
    if side < 2:
        return Doorplate(name_lists.avenues.name_at(block.column + side), int(side == 0), y, None)
    return Doorplate(name_lists.streets.name_at(block.row + side - 2), int(side == 2), x, None)


def _with_public_names(name_lists: NameLists, table: pd.DataFrame, blocks: Sequence[Block]) -> pd.DataFrame:
    """Add the names of schools, shops and other buildings without households, in turn."""
    uses = [building.use for block in blocks for building in block.content.buildings]
    numbers: dict[str, int] = {}
    names = table["name"].tolist()
    for position, (use, gate) in enumerate(zip(uses, table["gate"], strict=True)):
        if use == "shop":
            names[position] = name_lists.shops.name_at(_next_number(numbers, use)).split(" ")[0]
        elif use in name_lists.public:
            names[position] = name_lists.public[use].name_at(
                numbers.setdefault(f"{use} {gate[:2]}", _next_number(numbers, use))
            )
    return table.assign(name=names)


def _next_number(numbers: dict[str, int], use: str) -> int:
    numbers[use] = numbers.get(use, -1) + 1
    return numbers[use]


def _format_address(name_lists: NameLists, row: AddressRow) -> str:
    street, number, estate, courtyard, name = row
    doorplate = name_lists.doorplate.format(parent=street, number=number)
    enclosing = courtyard or estate
    if enclosing is None:
        return doorplate
    return name_lists.within.format(parent=doorplate, name=name_lists.within.format(parent=enclosing, name=name))
