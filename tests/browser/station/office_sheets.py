"""Sheets of an office that starts: workers, residents and facilities, with wrong rows and their corrections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xlsxwriter
from sqlalchemy import create_engine, text

from gridmap.core.privacy.id_numbers import check_digit
from tests.days import day_from_now

RESIDENT_HEADERS = ("姓名", "身份证号", "联系电话", "楼栋编码", "小区", "楼号", "房号", "户别")
FACILITY_HEADERS = ("设施类型", "设施名称", "楼栋编码", "经度", "纬度", "建筑面积", "权属")
WORKER_HEADERS = ("社区", "姓名", "办公电话", "是否专职", "网格编码", "是否网格长")
INCIDENT_HEADERS = ("工单编号", "事件小类", "发生时间", "楼栋编码", "经度", "纬度", "办理状态", "办结时间")
INCIDENT_CATEGORIES = ("路灯不亮", "车辆乱停放", "乱堆乱倒", "楼道堆物", "路面破损")
FACILITY_KINDS = ("路灯", "垃圾箱", "窨井盖", "绿化", "卫生服务站", "警务室")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "安邦宝晨东芳国海红佳建军兰丽明娜宁平强庆荣胜涛伟霞秀燕勇玉志"
PERSONS_OF_HOUSEHOLD = 3
UNKNOWN_BUILDING, UNKNOWN_GRID = "没有的楼-9", "000000000000999"
INHABITED = text("""
    SELECT b.id, b.code, e.name AS estate, b.name, g.code AS grid, c.name AS community,
        ST_X(ST_PointOnSurface(b.geometry)) AS longitude, ST_Y(ST_PointOnSurface(b.geometry)) AS latitude,
        h.households
    FROM building b JOIN building_cell s ON s.building_id = b.id JOIN assignment a ON a.cell_id = s.cell_id
        JOIN grid g ON g.id = a.grid_id JOIN community c ON c.id = b.community_id
        LEFT JOIN estate e ON e.id = b.estate_id
        JOIN household_count h ON h.building_id = b.id AND h.kind = 'resident'
    WHERE h.households > 0 ORDER BY g.code, b.code
""")
Cells = tuple[Any, ...]
Spoiler = Callable[[list[Any]], str]


class SheetBuilding(NamedTuple):
    """A building of the town as an office knows it."""

    id: int
    code: str
    estate: str | None
    name: str | None
    grid: str
    community: str
    longitude: float
    latitude: float
    households: int

    def by_code(self) -> Cells:
        """Return the cells of code, longitude and latitude with the code."""
        return self.code, "", ""

    def by_point(self) -> Cells:
        """Return them with the coordinates; west of Greenwich, where no sheet may be, with the code."""
        return ("", self.longitude, self.latitude) if self.longitude > 0 else self.by_code()


@dataclass(frozen=True)
class OfficeSheet:
    """Rows below the headers; wrong ones by their row of the sheet, with a word of the reason; the corrected rows."""

    headers: Sequence[str]
    rows: Sequence[Cells]
    faults: dict[int, str]
    corrected: Sequence[Cells]

    def write(self, path: Path, *, corrected: bool = False) -> Path:
        """Write the sheet as a workbook of texts, as it came or as it is sent again."""
        with xlsxwriter.Workbook(path) as workbook:
            sheet = workbook.add_worksheet()
            for number, row in enumerate([self.headers, *(self.corrected if corrected else self.rows)]):
                sheet.write_row(number, 0, row)
        return path


def list_buildings(owner_url: str) -> list[SheetBuilding]:
    """Return the inhabited buildings of a town in the order of its grids."""
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        found = [SheetBuilding(*row) for row in connection.execute(INHABITED)]
    engine.dispose()
    return found


def make_residents(buildings: Sequence[SheetBuilding], count: int, fault_share: float) -> OfficeSheet:
    """Return a register of households, in each building in proportion to its counted ones.

    Every second building is named by its estate.
    """
    names = [(each.estate, each.name) for each in buildings]
    positions, doors = _spread_by_households(buildings, count // PERSONS_OF_HOUSEHOLD + 1)
    rows = list[Cells]()
    for n in range(count):
        position, door = positions[n // PERSONS_OF_HOUSEHOLD], doors[n // PERSONS_OF_HOUSEHOLD]
        building = buildings[position]
        by_name = position % 2 and building.estate and building.name and names.count(names[position]) == 1
        place = ("", building.estate, building.name) if by_name else (building.code, "", "")
        rows.append((resident_name(n), id_number(n), f"138{n:08d}", *place, str(101 + door), "常住户"))
    spoilers = (_clear(0, "姓名"), _change_digit, _replace(2, "12-ab", "联系电话"), _replace_place(3))
    return _spoil(RESIDENT_HEADERS, rows, spoilers, fault_share)


def make_facilities(buildings: Sequence[SheetBuilding], count: int, fault_share: float) -> OfficeSheet:
    """Return facilities, a third at coordinates and the others in buildings."""
    rows = list[Cells]()
    for n in range(count):
        building = buildings[_spread(n, count, len(buildings))[0]]
        kind = FACILITY_KINDS[n % len(FACILITY_KINDS)]
        place = building.by_point() if n % 3 == 0 else building.by_code()
        rows.append((kind, f"{kind}{n + 1}号", *place, 20 + n % 300, ("自有", "租赁", "借用")[n % 3]))
    spoilers = (_clear(0, "设施类型"), _replace(5, "很大", "建筑面积"), _replace_place(2), _replace(6, "归谁", "权属"))
    return _spoil(FACILITY_HEADERS, rows, spoilers, fault_share)


def make_incidents(buildings: Sequence[SheetBuilding], count: int, fault_share: float) -> OfficeSheet:
    """Return incidents of the last months; every third one is open."""
    rows = list[Cells]()
    for n in range(count):
        building = buildings[_spread(n, count, len(buildings))[0]]
        place = building.by_point() if n % 2 else building.by_code()
        day = day_from_now(-1 - n % 90)
        ending = ("未办结", "") if n % 3 == 0 else ("已办结", f"{day} 18:00")
        rows.append((f"{day:%Y%m%d}-{n:04d}", INCIDENT_CATEGORIES[n % 5], f"{day} 08:30", *place, *ending))
    spoilers = (_clear(0, "工单编号"), _replace(2, "上周", "发生时间"), _replace_place(3), _replace(1, "没有", "没有"))
    return _spoil(INCIDENT_HEADERS, rows, spoilers, fault_share)


def make_workers(grids: Sequence[tuple[str, str]], count: int) -> OfficeSheet:
    """Return workers for grids, given by code and community: one in charge of each, others where people are left.

    The first row has no name, and the second a grid that does not exist.
    """
    shared = _share_workers(grids, count)
    others = [(worker, grids[worker % len(grids)]) for worker in range(max(shared) + 1, count)]
    rows = [
        *(_worker_row(worker, grid, "是") for worker, grid in zip(shared, grids, strict=True)),
        *(_worker_row(worker, grid, "否") for worker, grid in others),
    ]
    wrong = [list(row) for row in rows[:2]]
    wrong[0][1], wrong[1][4] = "", UNKNOWN_GRID
    faults = {2: "姓名", 3: UNKNOWN_GRID}
    return OfficeSheet(WORKER_HEADERS, [*map(tuple, wrong), *rows[2:]], faults, rows)


def _share_workers(grids: Sequence[tuple[str, str]], count: int) -> list[int]:
    """Return the worker of each grid; while there are too few, one has two grids of a community."""
    workers = [0]
    for number in range(1, len(grids)):
        too_few = count - workers[-1] - 1 < len(grids) - number
        is_second = number > 2 and workers.count(workers[-1]) == 1 and grids[number][1] == grids[number - 1][1]
        workers.append(workers[-1] + (0 if too_few and is_second else 1))
    return workers


def _worker_row(worker: int, grid: tuple[str, str], in_charge: str) -> Cells:
    code, community = grid
    return community, worker_name(worker), worker_phone(worker), "是", code, in_charge


def resident_name(number: int) -> str:
    """Return a name that few share."""
    first, second = divmod(number // len(SURNAMES), len(GIVEN))
    return SURNAMES[number % len(SURNAMES)] + GIVEN[first % len(GIVEN)] + GIVEN[second]


def worker_name(number: int) -> str:
    """Return the name of a worker; no two have the same."""
    return f"{SURNAMES[number % len(SURNAMES)]}{GIVEN[number // len(SURNAMES)]}格"


def worker_phone(number: int) -> str:
    """Return an office phone."""
    return f"027-8765{number:04d}"


def id_number(number: int) -> str:
    """Return a valid identity number; no two of the first 25,000 are equal."""
    born = date(1940, 1, 1) + timedelta(days=number * 7_919 % 25_000)
    digits = f"420106{born:%Y%m%d}{100 + number % 900}"
    return digits + check_digit(digits)


def _spread(number: int, count: int, places: int) -> tuple[int, int]:
    """Return the place of one of many things that are spread evenly, and how many it has before."""
    place = number * places // count
    return place, number - -(-place * count // places)


def _spread_by_households(buildings: Sequence[SheetBuilding], count: int) -> tuple[list[int], list[int]]:
    """Return the building of each of the recorded households, and how many of them it has before."""
    up_to = np.cumsum([building.households for building in buildings])
    positions = np.searchsorted(up_to, (np.arange(count) + 0.5) / count * up_to[-1], side="right")
    return positions.tolist(), (np.arange(count) - np.searchsorted(positions, positions)).tolist()


def _spoil(headers: Sequence[str], rows: list[Cells], spoilers: Sequence[Spoiler], share: float) -> OfficeSheet:
    """Return the rows with wrong ones among them, of each kind equally many, and as many repeated ones at the end."""
    of_kind = max(1, round(len(rows) * share / (len(spoilers) + 1)))
    wrong = list(rows)
    faults = dict[int, str]()
    for n in range(of_kind * len(spoilers)):
        position = n * len(rows) // (of_kind * len(spoilers))
        cells = list(rows[position])
        faults[position + 2] = spoilers[n % len(spoilers)](cells)
        wrong[position] = tuple(cells)
    sound = [position for position in range(len(rows)) if position + 2 not in faults]
    for position in sound[:of_kind]:
        wrong.append(rows[position])
        faults[len(wrong) + 1] = str(position + 2)
    return OfficeSheet(headers, wrong, faults, rows)


def _clear(column: int, word: str) -> Spoiler:
    return _replace(column, "", word)


def _replace(column: int, value: object, word: str) -> Spoiler:
    def spoil(cells: list[Any]) -> str:
        cells[column] = value
        return word

    return spoil


def _replace_place(column: int) -> Spoiler:
    """Return a function that names a building that the town does not have, and nothing else."""

    def spoil(cells: list[Any]) -> str:
        cells[column : column + 3] = UNKNOWN_BUILDING, "", ""
        return UNKNOWN_BUILDING

    return spoil


def _change_digit(cells: list[Any]) -> str:
    number = str(cells[1])
    cells[1] = number[:17] + ("1" if number[17] != "1" else "2")
    return "身份证号"
