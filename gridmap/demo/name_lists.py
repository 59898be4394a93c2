"""The words an artificial town is named with; `data/towns/words.toml` has the Chinese ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NameList:
    """Names made of a stem and an ending, each pair once.

    Parameters
    ----------
    stems, endings : tuple of str
        Every stem meets every ending before a name is numbered.

    Examples
    --------
    >>> lanes = NameList(("Mill", "Ferry"), (" Lane", " Yard"))
    >>> [lanes.at(number) for number in range(5)]
    ['Mill Lane', 'Ferry Yard', 'Mill Yard', 'Ferry Lane', 'Mill Lane 2']
    """

    stems: tuple[str, ...]
    endings: tuple[str, ...] = ("",)

    def name_at(self, number: int) -> str:
        """The name of such a number."""
        again, number = divmod(number, len(self.stems) * len(self.endings))
        around, stem = divmod(number, len(self.stems))
        name = self.stems[stem] + self.endings[(around + stem) % len(self.endings)]
        return f"{name} {again + 1}" if again else name


@dataclass(frozen=True)
class NameLists:
    """Names, and the forms of numbered ones.

    Parameters
    ----------
    communities, estates, compounds, avenues, streets, lanes, shops : NameList
        Compounds are the walled courtyards that works built for their people; avenues run north and south.
    public : mapping of str to NameList
        By the use of the building.
    block, unit, yard, doorplate, group, grid, worker : str
        Forms with ``{number}``, and ``{of}`` for what it is a part of.

    Examples
    --------
    >>> NameLists().doorplate.format(of="Mill Street", number=18)
    '18 Mill Street'
    """

    communities: NameList = NameList(("Harbour", "Orchard", "Mill", "Lotus", "Ferry", "Willow", "Drum Tower", "Canal"))
    estates: NameList = NameList(("Spring", "River", "Cypress", "Bell", "Heron"), (" Court", " Gardens", " View"))
    compounds: NameList = NameList(
        ("Cotton Mill", "Printing House", "Grain Office", "Boat Yard"), (" Homes", " Quarters")
    )
    avenues: NameList = NameList(("Library", "Ferry", "Academy", "Lotus", "Plum", "Pagoda"), (" Avenue", " Road"))
    streets: NameList = NameList(("Market", "Harvest", "Bridge", "Temple", "Salt", "Tea"), (" Street", " Road"))
    lanes: NameList = NameList(("Well", "Lantern", "Elm", "Potter", "Bamboo", "Oil Press"), (" Lane", " Alley", " Row"))
    shops: NameList = NameList(("Noodles", "Groceries", "Pharmacy", "Hardware", "Hairdresser", "Bakery"))
    public: Mapping[str, NameList] = field(
        default_factory=lambda: {use: NameList((use.capitalize(),)) for use in ("park", "school", "market", "hospital")}
    )
    block: tuple[str, ...] = ("Block {number}", "House {number}")
    unit: str = "{of} stair {number}"
    yard: str = "{of} yard {number}"
    doorplate: str = "{number} {of}"
    within: str = "{of}, {name}"
    group: str = "{of}, group {number}"
    grid: str = "{of}, grid {number}"
    worker: str = "Worker {number}"
