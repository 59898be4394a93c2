"""Names for artificial towns; `data/towns/name_lists.toml` has the Chinese ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NameList:
    """Names made of a stem and an ending.

    Parameters
    ----------
    stems, endings : tuple of str
        A name gets a number only when every stem has been used with every ending.

    Examples
    --------
    >>> lanes = NameList(("Mill", "Ferry"), (" Lane", " Yard"))
    >>> [lanes.name_at(number) for number in range(5)]
    ['Mill Lane', 'Ferry Yard', 'Mill Yard', 'Ferry Lane', 'Mill Lane 2']
    """

    stems: tuple[str, ...]
    endings: tuple[str, ...] = ("",)

    def name_at(self, number: int) -> str:
        """Return the name at a position of the list; later rounds add a number."""
        repetition, position = divmod(number, len(self.stems) * len(self.endings))
        ending, stem = divmod(position, len(self.stems))
        name = self.stems[stem] + self.endings[(ending + stem) % len(self.endings)]
        return f"{name} {repetition + 1}" if repetition else name


@dataclass(frozen=True)
class NameLists:
    """Names, and the formats of numbered names.

    Parameters
    ----------
    communities, estates, courtyard_estates, avenues, streets, lanes, shops : NameList
        Courtyard estates are the walled courtyards that works built for their employees; avenues run north and south.
    public : mapping of str to NameList
        By the use of the building.
    building : tuple of str
        Formats with ``{number}``; one estate uses one of them.
    unit, courtyard, doorplate, within, group, grid, worker : str
        Formats with ``{number}`` or ``{name}``, and ``{parent}`` for the enclosing object.

    Examples
    --------
    >>> NameLists().doorplate.format(parent="Mill Street", number=18)
    '18 Mill Street'
    """

    communities: NameList = NameList(("Harbour", "Orchard", "Mill", "Lotus", "Ferry", "Willow", "Drum Tower", "Canal"))
    estates: NameList = NameList(("Spring", "River", "Cypress", "Bell", "Heron"), (" Court", " Gardens", " View"))
    courtyard_estates: NameList = NameList(
        ("Cotton Mill", "Printing House", "Grain Office", "Boat Yard"), (" Homes", " Quarters")
    )
    avenues: NameList = NameList(("Library", "Ferry", "Academy", "Lotus", "Plum", "Pagoda"), (" Avenue", " Road"))
    streets: NameList = NameList(("Market", "Harvest", "Bridge", "Temple", "Salt", "Tea"), (" Street", " Road"))
    lanes: NameList = NameList(("Well", "Lantern", "Elm", "Potter", "Bamboo", "Oil Press"), (" Lane", " Alley", " Row"))
    shops: NameList = NameList(("Noodles", "Groceries", "Pharmacy", "Hardware", "Hairdresser", "Bakery"))
    public: Mapping[str, NameList] = field(
        default_factory=lambda: {use: NameList((use.capitalize(),)) for use in ("park", "school", "market", "hospital")}
    )
    building: tuple[str, ...] = ("Block {number}", "House {number}")
    unit: str = "{parent} stair {number}"
    courtyard: str = "{parent} yard {number}"
    doorplate: str = "{number} {parent}"
    within: str = "{parent}, {name}"
    group: str = "{parent}, group {number}"
    grid: str = "{parent}, grid {number}"
    worker: str = "Worker {number}"
