"""Parameters of the population and the incidents of an artificial town."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gridmap.core.vocabulary import CaseAction


@dataclass(frozen=True)
class IncidentTopic:
    """A category of incidents: its share in all incidents, and the titles of its incidents."""

    share: float
    titles: tuple[str, ...]


@dataclass(frozen=True)
class HandlingTexts:
    """Texts of the steps of cases: results, notes, reasons, questions to reporters and instructions."""

    close: tuple[str, ...] = ("Done",)
    note: tuple[str, ...] = ("Looked at it",)
    send_back: tuple[str, ...] = ("Needs another trade",)
    ask_reporter: tuple[str, ...] = ("Which unit?",)
    instruct: tuple[str, ...] = ("Please finish this week",)

    def choose(self, action: CaseAction, draw: float) -> str | None:
        """Return a text for an action by a draw between 0 and 1; None for an action without words."""
        choices: tuple[str, ...] = getattr(self, action.value, ())
        return choices[int(draw * len(choices))] if choices else None


@dataclass(frozen=True)
class PopulationPreset:
    """Parameters of a population; ``data/towns/population.toml`` has those in use.

    Parameters
    ----------
    subdistrict : str
        Name of the subdistrict.
    residents : int
        Persons in all households together.
    county : str
        First six digits of identity numbers, which no county has.
    phone, office_phone, station_phone : str
        Formats with ``{number}``, of numbers that do not exist.
    supervision_phone : str
        A number that does not exist.
    household_size_shares : tuple of float
        Shares of households of 1, 2, 3, ... persons.
    elderly_share : float
        Share of residents aged 60 or older.
    vacancy_rate : float
        Vacant dwellings per household.
    resident, worker, informant, unit : str
        Formats of names with ``{number}``, and ``{surname}`` for residents; names of persons contain the word example.
    surnames : tuple of str
    volunteers : str
        Format with ``{parent}`` for the community.
    societies : tuple of str
        Formats with ``{parent}``, of mass organisations.
    incidents : int
        Incidents in a year.
    hotspot_share : float
        Share of them around one place, throughout the year.
    burst_incidents : int
        Additional incidents around another place within two weeks.
    closed_share : float
        Share of incidents that are eventually closed.
    channels : mapping of str to float
        Share of each channel.
    topics : mapping of str to IncidentTopic
        Topics by category.
    facility_spacing_m : mapping of str to float
        Metres between facilities of a kind along streets.
    handling : HandlingTexts
        Texts of the steps of cases.
    """

    subdistrict: str = "Riverside"
    residents: int = 12_000
    county: str = "440199"
    phone: str = "100{number:08d}"
    office_phone: str = "0000-8100{number:04d}"
    station_phone: str = "0000-8200{number:04d}"
    supervision_phone: str = "0000-12345"
    household_size_shares: tuple[float, ...] = (0.22, 0.34, 0.26, 0.12, 0.06)
    elderly_share: float = 0.4
    vacancy_rate: float = 0.05
    resident: str = "{surname} Example {number}"
    worker: str = "Worker {number}"
    informant: str = "Informant {number}"
    unit: str = "Stair {number}"
    surnames: tuple[str, ...] = ("Alder", "Birch", "Cedar")
    volunteers: str = "{parent} volunteers"
    societies: tuple[str, ...] = ("{parent} union",)
    incidents: int = 4_200
    hotspot_share: float = 0.07
    burst_incidents: int = 90
    closed_share: float = 0.96
    channels: Mapping[str, float] = field(default_factory=lambda: {"worker": 0.7, "hotline": 0.3})
    topics: Mapping[str, IncidentTopic] = field(
        default_factory=lambda: {"lift": IncidentTopic(1.0, ("Lift out of order",))}
    )
    facility_spacing_m: Mapping[str, float] = field(default_factory=lambda: {"street_lamp": 90.0})
    handling: HandlingTexts = field(default_factory=HandlingTexts)
