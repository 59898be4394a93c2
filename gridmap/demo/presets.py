"""Parameters of an artificial town."""

from dataclasses import dataclass, field
from enum import StrEnum

from gridmap.demo.name_lists import NameLists


class BlockKind(StrEnum):
    """Kind of a block. The first six are residential, and so is half of a school, market or hospital block."""

    SLABS = "slabs"
    COURTYARDS = "courtyards"
    TOWERS = "towers"
    LANES = "lanes"
    MIXED = "mixed"
    HAMLET = "hamlet"
    PARK = "park"
    SCHOOL = "school"
    MARKET = "market"
    HOSPITAL = "hospital"
    WORKS = "works"
    FIELDS = "fields"


@dataclass(frozen=True)
class Mistakes:
    """Number of mistakes of each kind in the grids of today; a small town has room for fewer.

    Parameters
    ----------
    oversize, undersize : int
        Grids merged with a neighbour; grids that lost most of their land.
    gaps, exclaves : int
        Plots that no grid covers; plots of a grid that are separate from the rest of it.
    overlaps, bites : int
        Strips of 5 to 20 m that two grids cover; round areas of 15 to 30 m radius missing at a border.
    overreaches : int
        Grids that extend beyond the border of their community.
    missing_codes, missing_workers : int
        Grids without a code; grids without a worker.
    wobble_m : float
        Deviation of a drawn line from the street that it follows; there is none on the border of a community.

    Examples
    --------
    >>> Mistakes(gaps=0).oversize
    2
    """

    oversize: int = 2
    undersize: int = 1
    gaps: int = 1
    exclaves: int = 1
    overlaps: int = 2
    bites: int = 2
    overreaches: int = 1
    missing_codes: int = 1
    missing_workers: int = 1
    wobble_m: float = 3.5


@dataclass(frozen=True)
class TownPreset:
    """Parameters of a town; `data/towns` has sets of them as files.

    Parameters
    ----------
    name : str
        Name of the town.
    households : int
        Default number of households.
    area_km2 : float
        Area of a town with the default number of households; 0 for the area of its blocks. A larger town has more land.
    communities : int
        Number of communities; 0 for a number that follows from the households.
    households_per_block : float
        Mean number of households of a block, including public blocks.
    resident_groups : int
        Number of resident groups; 0 for one per 300 households.
    grids : int
        Number of grids of today before the mistakes; 0 for one per 400 households.
    origin : (float, float)
        Lower left corner in metres of EPSG:4547; by default the Yangtze plain near Wuhan.
    proportion : float
        East–west length over north–south width, counted in communities.
    street_spacing_m : (float, float)
        Minimum and maximum distance between streets; 190 to 300 m is usual between local streets of Chinese towns.
    columns, rows : (int, int)
        Minimum and maximum blocks of a community east–west and north–south; 2 or 3 give 3,000 to 6,000 households.
    slabs, courtyards, towers, lanes, mixed : float
        Shares of the residential blocks: slab estates, walled courtyards, towers, old lanes, lanes beside slabs. Old
        kinds lie near the centre of a community, towers at its edge.
    hamlets, works : float
        Shares of the blocks outside the core with a hamlet or a factory; the others are fields.
    public : float
        Share of blocks with a park, school, market or hospital.
    missing_street_share : float
        Share of local street sections that are not built, so that streets have dead ends.
    crossing_share : float
        Share of local streets that cross the river or the railway; all arterials do.
    crossing_deviation_m, bend_m : float
        Deviation of crossings and of whole streets from a straight plan.
    tower_site_m : (float, float)
        Site of a tower, west–east and south–north.
    tower_levels : (int, int)
        Minimum and maximum levels of a tower.
    units_are_buildings : bool
        Whether each unit of a tower is a building, so that a tower can be divided between grids.
    min_households_for_river, min_households_for_railway : int
        Minimum households of a town with a river or a railway.
    county : str
        First six digits of the codes of communities; no county has 440199.
    name_lists : NameLists
        Names.
    mistakes : Mistakes
        Mistakes in the grids of today.

    Examples
    --------
    >>> TownPreset(name="strip", proportion=4.0).street_spacing_m
    (190.0, 300.0)
    """

    name: str = "demo"
    households: int = 4_000
    area_km2: float = 0.0
    communities: int = 0
    households_per_block: float = 820.0
    resident_groups: int = 0
    grids: int = 0
    origin: tuple[float, float] = (525_000.0, 3_385_000.0)
    proportion: float = 1.0
    street_spacing_m: tuple[float, float] = (190.0, 300.0)
    columns: tuple[int, int] = (2, 3)
    rows: tuple[int, int] = (2, 3)
    slabs: float = 0.30
    courtyards: float = 0.25
    towers: float = 0.12
    lanes: float = 0.18
    mixed: float = 0.15
    hamlets: float = 0.15
    works: float = 0.15
    public: float = 0.16
    missing_street_share: float = 0.06
    crossing_share: float = 0.3
    crossing_deviation_m: float = 10.0
    bend_m: float = 60.0
    tower_site_m: tuple[float, float] = (68.0, 72.0)
    tower_levels: tuple[int, int] = (18, 33)
    units_are_buildings: bool = False
    min_households_for_river: int = 4_000
    min_households_for_railway: int = 20_000
    county: str = "440199"
    name_lists: NameLists = field(default_factory=NameLists)
    mistakes: Mistakes = field(default_factory=Mistakes)

    def residential_shares(self) -> dict[BlockKind, float]:
        """Return the shares of the residential kinds, from the oldest to the newest; their sum is one.

        Examples
        --------
        >>> round(sum(TownPreset().residential_shares().values()), 9)
        1.0
        """
        kinds = (BlockKind.LANES, BlockKind.MIXED, BlockKind.COURTYARDS, BlockKind.SLABS, BlockKind.TOWERS)
        shares = [getattr(self, kind.value) for kind in kinds]
        return {kind: share / sum(shares) for kind, share in zip(kinds, shares, strict=True)}
