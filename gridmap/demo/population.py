"""Who lives in an artificial town, and what happens there: the numbers and words it is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class IncidentTopic:
    """A line of work as the cause of incidents: its share in all of them, and what they are about."""

    share: float
    titles: tuple[str, ...]


@dataclass(frozen=True)
class PopulationPreset:
    """Parameters; ``data/towns/life.toml`` keeps the ones in use.

    Parameters
    ----------
    subdistrict : str
        Name of the subdistrict.
    residents : int
        Persons in all households together.
    county : str
        First six digits of identity numbers: of no county.
    phone, office_phone, station_phone : str
        Forms with ``{number}``, of numbers that do not exist.
    supervision_phone : str
        Likewise.
    sizes : tuple of float
        Shares of households of 1, 2, 3, ... persons.
    elderly : float
        Share of people of 60 and older.
    vacant : float
        Empty dwellings for each household.
    resident, worker, informant, unit : str
        Forms of names with ``{number}``, and ``{surname}`` for residents: each says that it is an example.
    surnames : tuple of str
    volunteers : str
        Form with ``{of}`` for the community.
    societies : tuple of str
        Likewise, of mass organisations.
    incidents : int
        In a year.
    hotspot : float
        Share of them around one place, all year round.
    burst : int
        Besides, within two weeks around another place.
    closed : float
        Share of incidents that are closed sooner or later.
    channels : mapping of str to float
        Shares.
    lines : mapping of str to IncidentTopic
        What incidents are about.
    spacing : mapping of str to float
        Metres between facilities of a kind along streets.
    """

    subdistrict: str = "Riverside"
    residents: int = 12_000
    county: str = "440199"
    phone: str = "100{number:08d}"
    office_phone: str = "0000-8100{number:04d}"
    station_phone: str = "0000-8200{number:04d}"
    supervision_phone: str = "0000-12345"
    sizes: tuple[float, ...] = (0.22, 0.34, 0.26, 0.12, 0.06)
    elderly: float = 0.4
    vacant: float = 0.05
    resident: str = "{surname} Example {number}"
    worker: str = "Worker {number}"
    informant: str = "Informant {number}"
    unit: str = "Stair {number}"
    surnames: tuple[str, ...] = ("Alder", "Birch", "Cedar")
    volunteers: str = "{of} volunteers"
    societies: tuple[str, ...] = ("{of} union",)
    incidents: int = 4_200
    hotspot: float = 0.07
    burst: int = 90
    closed: float = 0.96
    channels: Mapping[str, float] = field(default_factory=lambda: {"worker": 0.7, "hotline": 0.3})
    lines: Mapping[str, IncidentTopic] = field(
        default_factory=lambda: {"property": IncidentTopic(1.0, ("Lift out of order",))}
    )
    spacing: Mapping[str, float] = field(default_factory=lambda: {"street_lamp": 90.0})
