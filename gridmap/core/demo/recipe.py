"""What an artificial town is made of."""

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What fills the land between streets; the first five are for living."""

    SLABS = "slabs"
    YARDS = "yards"
    TOWERS = "towers"
    LANES = "lanes"
    MIXED = "mixed"
    PARK = "park"
    SCHOOL = "school"
    MARKET = "market"
    HOSPITAL = "hospital"
    VACANT = "vacant"


@dataclass(frozen=True)
class Recipe:
    """Parameters of a town; `data/towns` keeps some as files.

    Parameters
    ----------
    name : str
        Name of the town.
    origin : (float, float)
        Lower left corner in metres of EPSG:4547; by default the Yangtze plain near Wuhan.
    proportion : float
        Length east–west over width north–south, counted in communities.
    block : (float, float)
        Smallest and largest distance of streets in metres; 190 to 300 is usual between local streets of Chinese towns.
    columns, rows : (int, int)
        Fewest and most blocks of a community east–west and north–south; 2 or 3 give 2,000 to 5,000 households.
    slabs, yards, towers, lanes, mixed : float
        Shares of the blocks for living: slab estates, walled courtyards, towers, old lanes, lanes beside slabs.
    public : float
        Share of blocks without households: park, school, market, hospital.
    dropped : float
        Share of local street sections that were never built, so that streets end blind.
    bridges : float
        Share of local streets with a bridge over the river, a crossing of the railway; arterials have them all.
    shift, bend : float
        How far crossings and whole streets stray from a straight plan, in metres.
    river_from, rail_from : int
        Households from which on a town has a river, a railway.
    county : str
        First six digits of the codes of communities; 440199 is no county.
    community_names, estate_names : tuple of str
        Used in turn, numbered when they come again.

    Examples
    --------
    >>> Recipe(name="strip", proportion=4.0).block
    (190.0, 300.0)
    """

    name: str = "demo"
    origin: tuple[float, float] = (525_000.0, 3_385_000.0)
    proportion: float = 1.0
    block: tuple[float, float] = (190.0, 300.0)
    columns: tuple[int, int] = (2, 3)
    rows: tuple[int, int] = (2, 3)
    slabs: float = 0.25
    yards: float = 0.30
    towers: float = 0.12
    lanes: float = 0.20
    mixed: float = 0.13
    public: float = 0.15
    dropped: float = 0.06
    bridges: float = 0.3
    shift: float = 14.0
    bend: float = 60.0
    river_from: int = 4_000
    rail_from: int = 20_000
    county: str = "440199"
    community_names: tuple[str, ...] = ("Harbour", "Orchard", "Mill", "Lotus", "Ferry", "Willow", "Drum Tower", "Canal")
    estate_names: tuple[str, ...] = ("Spring Court", "River View", "Cotton Mill", "Cypress", "Bell Yard", "New Ferry")

    def living(self) -> dict[BlockKind, float]:
        """Shares of the kinds of blocks for living, adding up to one.

        Examples
        --------
        >>> round(sum(Recipe().living().values()), 9)
        1.0
        """
        kinds = (BlockKind.SLABS, BlockKind.YARDS, BlockKind.TOWERS, BlockKind.LANES, BlockKind.MIXED)
        shares = [getattr(self, kind.value) for kind in kinds]
        return {kind: share / sum(shares) for kind, share in zip(kinds, shares, strict=True)}


def named(words: tuple[str, ...], number: int) -> str:
    """Take a word by number, with a count from the second round on.

    >>> named(("Mill", "Ferry"), 1), named(("Mill", "Ferry"), 2)
    ('Ferry', 'Mill 2')
    """
    around, word = divmod(number, len(words))
    return f"{words[word]} {around + 1}" if around else words[word]
