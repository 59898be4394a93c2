"""What an artificial town is made of."""

from dataclasses import dataclass, field
from enum import StrEnum

from gridmap.demo.name_lists import NameLists


class BlockKind(StrEnum):
    """What fills the land between streets; people live in the first six, and in half of a market or hospital block."""

    SLABS = "slabs"
    YARDS = "yards"
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
    """How many of each mistake are made in drawing today's grids; small towns have room for fewer.

    Parameters
    ----------
    oversize, undersize : int
        Grids joined to a neighbour; grids that gave most of their land away.
    gaps, exclaves : int
        Pieces of land that no grid covers; pieces that a grid holds apart from the rest of it.
    overlaps, bites : int
        Strips of 5 to 20 m that two grids claim; round pieces of 15 to 30 m missing at a border.
    strays : int
        Grids that reach over the border of their community.
    codeless, unmanned : int
        Grids without a code; grids without a worker.
    wobble : float
        Metres that a hand strays from the street it follows; it stays on the border of a community.

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
    strays: int = 1
    codeless: int = 1
    unmanned: int = 1
    wobble: float = 3.5


@dataclass(frozen=True)
class TownPreset:
    """Parameters of a town; `data/towns` keeps some as files.

    Parameters
    ----------
    name : str
        Name of the town.
    households : int
        How many live there if nothing else is asked for.
    area_km2 : float
        Area of a town of just these households; 0 for as much as its blocks take. Land grows with more households.
    communities : int
        Number of communities; 0 for as many as the households fill.
    crowd : float
        Households that a block usually holds, public blocks counted in.
    groups : int
        Number of resident groups; 0 for one to every 300 households.
    grids : int
        Number of today's grids before the mistakes; 0 for one to every 400 households.
    origin : (float, float)
        Lower left corner in metres of EPSG:4547; by default the Yangtze plain near Wuhan.
    proportion : float
        Length east–west over width north–south, counted in communities.
    block : (float, float)
        Smallest and largest distance of streets in metres; 190 to 300 is usual between local streets of Chinese towns.
    columns, rows : (int, int)
        Fewest and most blocks of a community east–west and north–south; 2 or 3 give 3,000 to 6,000 households.
    slabs, yards, towers, lanes, mixed : float
        Shares of the blocks for living: slab estates, walled courtyards, towers, old lanes, lanes beside slabs. Old
        ones lie near the heart of a community, towers at its edge.
    hamlets, works : float
        Shares of the blocks beyond the last houses that hold a hamlet, a factory; the others are fields.
    public : float
        Share of blocks for park, school, market, hospital.
    dropped : float
        Share of local street sections that were never built, so that streets end blind.
    bridges : float
        Share of local streets with a bridge over the river, a crossing of the railway; arterials have them all.
    shift, bend : float
        How far crossings and whole streets stray from a straight plan, in metres.
    site : (float, float)
        Land of a tower in metres, west–east and south–north.
    levels : (int, int)
        Fewest and most levels of a tower.
    stairs : bool
        Whether each stair of a tower counts as a building, so that a tower can be divided.
    river_from, rail_from : int
        Households from which on a town has a river, a railway.
    county : str
        First six digits of the codes of communities; 440199 is no county.
    name_lists : NameLists
        Names.
    mistakes : Mistakes
        What is wrong with today's grids.

    Examples
    --------
    >>> TownPreset(name="strip", proportion=4.0).block
    (190.0, 300.0)
    """

    name: str = "demo"
    households: int = 4_000
    area_km2: float = 0.0
    communities: int = 0
    crowd: float = 820.0
    groups: int = 0
    grids: int = 0
    origin: tuple[float, float] = (525_000.0, 3_385_000.0)
    proportion: float = 1.0
    block: tuple[float, float] = (190.0, 300.0)
    columns: tuple[int, int] = (2, 3)
    rows: tuple[int, int] = (2, 3)
    slabs: float = 0.30
    yards: float = 0.25
    towers: float = 0.12
    lanes: float = 0.18
    mixed: float = 0.15
    hamlets: float = 0.15
    works: float = 0.15
    public: float = 0.16
    dropped: float = 0.06
    bridges: float = 0.3
    shift: float = 10.0
    bend: float = 60.0
    site: tuple[float, float] = (68.0, 72.0)
    levels: tuple[int, int] = (18, 33)
    stairs: bool = False
    river_from: int = 4_000
    rail_from: int = 20_000
    county: str = "440199"
    name_lists: NameLists = field(default_factory=NameLists)
    mistakes: Mistakes = field(default_factory=Mistakes)

    def residential_shares(self) -> dict[BlockKind, float]:
        """Shares of the kinds of blocks for living, adding up to one, from the oldest to the newest.

        Examples
        --------
        >>> round(sum(TownPreset().living().values()), 9)
        1.0
        """
        kinds = (BlockKind.LANES, BlockKind.MIXED, BlockKind.YARDS, BlockKind.SLABS, BlockKind.TOWERS)
        shares = [getattr(self, kind.value) for kind in kinds]
        return {kind: share / sum(shares) for kind, share in zip(kinds, shares, strict=True)}
