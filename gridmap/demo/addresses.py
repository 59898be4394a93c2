"""What buildings are called: estates, courtyards, numbers on walls, doorplates counted along the streets."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gridmap.demo.ground_plan import GroundPlan
from gridmap.demo.name_lists import NameLists
from gridmap.demo.plots import BlockContent, DemoBuilding
from gridmap.demo.settlement import Block


class Doorplate(NamedTuple):
    """A doorplate to be: street, side (0 west or south of it), how far along, and what shares it."""

    street: str
    side: int
    along: float
    gate: object


def name_lanes(name_lists: NameLists, blocks: Sequence[Block]) -> list[list[str | None]]:
    """Names for the lanes of each block; roads within an estate have none."""
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


def name_buildings(ground_plan: GroundPlan, blocks: Sequence[Block]) -> dict[str, list[Any]]:
    """Columns ``estate``, ``courtyard``, ``name`` and ``address``, building by building.

    Parameters
    ----------
    ground_plan : GroundPlan
        The plan.
    blocks : sequence of Block
        What stands in it.

    Returns
    -------
    dict of str to list
        Estates and courtyards share the doorplate of their gate; other buildings have one each, odd on one side of
        the street, even on the other, counted as one walks north or east.
    """
    words, estates = ground_plan.preset.name_lists, _estate_names(ground_plan.preset.name_lists, blocks)
    rows = [
        row
        for block, names in zip(blocks, name_lanes(words, blocks), strict=True)
        for row in _doorplate_rows(ground_plan, block, names, next(estates))
    ]
    frame = pd.DataFrame(rows, columns=["estate", "courtyard", "name", *Doorplate._fields])
    doors = frame.drop_duplicates(["street", "gate"]).sort_values(["street", "side", "along"], kind="stable")
    doors = doors.assign(number=2 * doors.groupby(["street", "side"]).cumcount() + doors["side"] + 1)
    numbers = frame.merge(doors[["street", "gate", "number"]], how="left", on=["street", "gate"])
    columns = _with_public_names(words, numbers.astype(object).where(numbers.notna(), None), blocks)
    columns["address"] = [
        _format_address(words, row) for row in zip(*(columns[key] for key in ADDRESS_COLUMNS), strict=True)
    ]
    return {key: list(columns[key]) for key in ("estate", "courtyard", "name", "address")}


ADDRESS_COLUMNS = ("street", "number", "estate", "courtyard", "name")


def _estate_names(name_lists: NameLists, blocks: Sequence[Block]) -> Iterator[str | None]:
    numbers = {"estates": count(), "compounds": count()}
    for block in blocks:
        kind = block.content.estate
        yield getattr(name_lists, kind).name_at(next(numbers[kind])) if kind else None


def _doorplate_rows(
    ground_plan: GroundPlan, block: Block, lane_names: list[str | None], estate_name: str | None
) -> Iterator[tuple[Any, ...]]:
    words = ground_plan.preset.name_lists
    form = words.block[(block.column + block.row) % len(words.block)]
    gates: dict[object, Doorplate] = {}
    for order, building in enumerate(block.content.buildings):
        inside = estate_name if building.number is not None else None
        yard = (
            words.yard.format(of=inside, number=building.courtyard + 1)
            if inside and building.courtyard is not None
            else None
        )
        key = (block.column, block.row, yard or inside or order)
        door = gates.setdefault(key, _find_doorplate(ground_plan, block, building, lane_names)._replace(gate=key))
        yield inside, yard, _building_name(words, form, building), *door


def _building_name(name_lists: NameLists, name_format: str, building: DemoBuilding) -> str | None:
    if building.number is None:
        return None
    name = name_format.format(number=building.number)
    return name if building.unit is None else name_lists.unit.format(of=name, number=building.unit)


def _find_doorplate(
    ground_plan: GroundPlan, block: Block, building: DemoBuilding, lane_names: list[str | None]
) -> Doorplate:
    """The lane a house stands at, else the nearest street around the block."""
    box, words = block.box, ground_plan.preset.name_lists
    x, y = (building.box.west + building.box.east) / 2, (building.box.south + building.box.north) / 2
    if building.lane is not None:
        lane = block.content.lines[building.lane]
        return Doorplate(lane_names[building.lane] or "", int(y > lane.points[0][1]), x, None)
    away = [x - box.west, box.east - x, y - box.south, box.north - y]
    side = int(np.argmin(away))
    if side < 2:
        return Doorplate(words.avenues.name_at(block.column + side), int(side == 0), y, None)
    return Doorplate(words.streets.name_at(block.row + side - 2), int(side == 2), x, None)


def _with_public_names(name_lists: NameLists, frame: pd.DataFrame, blocks: Sequence[Block]) -> pd.DataFrame:
    """Names of schools, shops and the like, in turn."""
    uses = [building.use for block in blocks for building in block.content.buildings]
    numbers: dict[str, int] = {}
    names = frame["name"].tolist()
    for place, (use, gate) in enumerate(zip(uses, frame["gate"], strict=True)):
        if use == "shop":
            names[place] = name_lists.shops.name_at(_next_number(numbers, use)).split(" ")[0]
        elif use in name_lists.public:
            names[place] = name_lists.public[use].name_at(
                numbers.setdefault(f"{use} {gate[:2]}", _next_number(numbers, use))
            )
    return frame.assign(name=names)


def _next_number(numbers: dict[str, int], use: str) -> int:
    numbers[use] = numbers.get(use, -1) + 1
    return numbers[use]


def _format_address(name_lists: NameLists, row: tuple[Any, ...]) -> str:
    street, number, estate, courtyard, name = row
    plate = name_lists.doorplate.format(of=street, number=number)
    inside = courtyard or estate
    return (
        plate
        if inside is None
        else name_lists.within.format(of=plate, name=name_lists.within.format(of=inside, name=name))
    )
