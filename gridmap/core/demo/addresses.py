"""What buildings are called: estates, courtyards, numbers on walls, doorplates counted along the streets."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gridmap.core.demo.ground import Ground
from gridmap.core.demo.people import Block
from gridmap.core.demo.plots import Building, Filling
from gridmap.core.demo.words import Words


class Door(NamedTuple):
    """A doorplate to be: street, side (0 west or south of it), how far along, and what shares it."""

    street: str
    side: int
    along: float
    gate: object


def lane_names(words: Words, blocks: Sequence[Block]) -> list[list[str | None]]:
    """Names for the lanes of each block; roads within an estate have none."""
    numbers = count()
    return [
        [words.lanes.at(next(numbers)) if _is_old(block.filling, line.kind) else None for line in block.filling.lines]
        for block in blocks
    ]


def _is_old(filling: Filling, kind: str) -> bool:
    return kind == "lane" and not any(line.kind == "wall" for line in filling.lines)


def name_buildings(ground: Ground, blocks: Sequence[Block]) -> dict[str, list[Any]]:
    """Columns ``estate``, ``courtyard``, ``name`` and ``address``, building by building.

    Parameters
    ----------
    ground : Ground
        The plan.
    blocks : sequence of Block
        What stands in it.

    Returns
    -------
    dict of str to list
        Estates and courtyards share the doorplate of their gate; other buildings have one each, odd on one side of
        the street, even on the other, counted as one walks north or east.
    """
    words, estates = ground.recipe.words, _estates(ground.recipe.words, blocks)
    rows = [
        row
        for block, names in zip(blocks, lane_names(words, blocks), strict=True)
        for row in _named(ground, block, names, next(estates))
    ]
    frame = pd.DataFrame(rows, columns=["estate", "courtyard", "name", *Door._fields])
    doors = frame.drop_duplicates(["street", "gate"]).sort_values(["street", "side", "along"], kind="stable")
    doors = doors.assign(number=2 * doors.groupby(["street", "side"]).cumcount() + doors["side"] + 1)
    numbers = frame.merge(doors[["street", "gate", "number"]], how="left", on=["street", "gate"])
    columns = _with_public(words, numbers.astype(object).where(numbers.notna(), None), blocks)
    columns["address"] = [_address(words, row) for row in zip(*(columns[key] for key in ADDRESSED), strict=True)]
    return {key: list(columns[key]) for key in ("estate", "courtyard", "name", "address")}


ADDRESSED = ("street", "number", "estate", "courtyard", "name")


def _estates(words: Words, blocks: Sequence[Block]) -> Iterator[str | None]:
    numbers = {"estates": count(), "compounds": count()}
    for block in blocks:
        kind = block.filling.estate
        yield getattr(words, kind).at(next(numbers[kind])) if kind else None


def _named(ground: Ground, block: Block, lanes: list[str | None], estate: str | None) -> Iterator[tuple[Any, ...]]:
    words = ground.recipe.words
    form = words.block[(block.column + block.row) % len(words.block)]
    gates: dict[object, Door] = {}
    for order, building in enumerate(block.filling.buildings):
        inside = estate if building.number is not None else None
        yard = words.yard.format(of=inside, number=building.yard + 1) if inside and building.yard is not None else None
        key = (block.column, block.row, yard or inside or order)
        door = gates.setdefault(key, _door(ground, block, building, lanes)._replace(gate=key))
        yield inside, yard, _own_name(words, form, building), *door


def _own_name(words: Words, form: str, building: Building) -> str | None:
    if building.number is None:
        return None
    name = form.format(number=building.number)
    return name if building.stair is None else words.unit.format(of=name, number=building.stair)


def _door(ground: Ground, block: Block, building: Building, lanes: list[str | None]) -> Door:
    """The lane a house stands at, else the nearest street around the block."""
    box, words = block.box, ground.recipe.words
    x, y = (building.box.west + building.box.east) / 2, (building.box.south + building.box.north) / 2
    if building.lane is not None:
        lane = block.filling.lines[building.lane]
        return Door(lanes[building.lane] or "", int(y > lane.points[0][1]), x, None)
    away = [x - box.west, box.east - x, y - box.south, box.north - y]
    side = int(np.argmin(away))
    if side < 2:
        return Door(words.avenues.at(block.column + side), int(side == 0), y, None)
    return Door(words.streets.at(block.row + side - 2), int(side == 2), x, None)


def _with_public(words: Words, frame: pd.DataFrame, blocks: Sequence[Block]) -> pd.DataFrame:
    """Names of schools, shops and the like, in turn."""
    uses = [building.use for block in blocks for building in block.filling.buildings]
    numbers: dict[str, int] = {}
    names = frame["name"].tolist()
    for place, (use, gate) in enumerate(zip(uses, frame["gate"], strict=True)):
        if use == "shop":
            names[place] = words.shops.at(_next(numbers, use)).split(" ")[0]
        elif use in words.public:
            names[place] = words.public[use].at(numbers.setdefault(f"{use} {gate[:2]}", _next(numbers, use)))
    return frame.assign(name=names)


def _next(numbers: dict[str, int], use: str) -> int:
    numbers[use] = numbers.get(use, -1) + 1
    return numbers[use]


def _address(words: Words, row: tuple[Any, ...]) -> str:
    street, number, estate, courtyard, name = row
    plate = words.doorplate.format(of=street, number=number)
    inside = courtyard or estate
    return plate if inside is None else words.within.format(of=plate, name=words.within.format(of=inside, name=name))
