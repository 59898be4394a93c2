"""Answers of the API. Numbers of people or incidents that are too small to be told are null."""

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gridmap.core.names import GridKind, Role, StreetKind
from gridmap.services.grids import State

One = TypeVar("One", bound=BaseModel)
TOO_FEW = "null: some, but fewer than five, and the caller may not see them one by one"


class Answer(BaseModel):
    """Anything that is answered; it holds what is described and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Answer, Generic[One]):
    """A page of a list."""

    items: list[One]
    page: int = Field(ge=1)
    pages: int = Field(ge=1, description="How many pages there are")


class Me(Answer):
    """The account that asks."""

    id: int
    name: str = Field(description="What the person signs in with")
    display_name: str
    role: Role


class Subdistrict(Answer):
    """Subdistrict 街道."""

    id: int
    code: str
    name: str
    supervision_phone: str | None


class Geometry(Answer):
    """Geometry after RFC 7946, in longitude and latitude."""

    type: Literal["Polygon", "MultiPolygon", "MultiLineString"]
    coordinates: list[Any]


class Community(Answer):
    """Community 社区."""

    code: str
    name: str


class ResidentGroup(Answer):
    """Resident group 居民小组."""

    name: str
    community: int


class Streets(Answer):
    """Streets 道路 of a kind, as one feature."""

    kind: StreetKind


class Households(Answer):
    """Households; with the range that holds in four cases out of five where some are estimated."""

    number: int
    low: int
    high: int
    estimated: bool


class Grid(Answer):
    """Grid 网格 in force on the day."""

    code: str
    name: str | None
    community: int = Field(description="Key of its community")
    kind: GridKind
    state: State
    fewest: int = Field(description="Fewest households asked for")
    most: int = Field(description="Most households asked for")
    since: date = Field(description="Day from which its plan holds")
    households: Households
    buildings: int
    residents: int | None = Field(description=TOO_FEW)
    area_m2: float
    workers: list[str] = Field(description="Names of those who answer for it; empty for a vacant grid")
    reason: str | None = Field(description="Why it is out of range, or else unlike what one would expect")


class Feature(Answer, Generic[One]):
    """Feature after RFC 7946."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: Geometry | None
    properties: One


class Features(Answer, Generic[One]):
    """Feature collection after RFC 7946, a page at a time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature[One]]
    page: int = Field(ge=1)
    pages: int = Field(ge=1)


class Linked(Answer):
    """Things of a kind, and how many of them are in no grid in force."""

    kind: str
    all: int | None = Field(description="null: it would tell what is too few to be told elsewhere")
    outside: int | None = Field(description=TOO_FEW)


class Figures(Answer):
    """Figures of a subdistrict on a day, as far as the caller's scope goes."""

    on: date
    communities: int
    undivided: list[str] = Field(description="Codes of communities without a plan in force")
    grids: dict[State, int]
    vacant: int = Field(description="Grids that nobody answers for")
    households: dict[str, Households] = Field(description="By kind: resident, registered, dwelling")
    residents: int = Field(description="Of grids whose number the caller may know")
    buildings: int
    links: list[Linked]
    linked_share: float | None = Field(description="Which part of all that has a place is in a grid")


class Revision(Answer):
    """Revision 版本 of a plan; it never changes."""

    id: int
    number: int
    parent: int | None
    fewest: int
    most: int
    note: str | None
    made_at: datetime


class Plan(Answer):
    """Plan 方案 of a community."""

    id: int
    name: str
    made_at: datetime
    revisions: list[Revision]


class IncidentCount(Answer):
    """Incidents of a grid in force on the day."""

    grid: int | None = Field(description="Key of the grid; null: in no grid")
    code: str | None
    incidents: int | None = Field(description=TOO_FEW)


class IncidentCounts(Answer):
    """Incidents by grid in a span of days."""

    on: date
    first: date
    last: date
    items: list[IncidentCount]


class Scope(Answer):
    """Where an account's role holds."""

    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None


class Account(Answer):
    """An account."""

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: list[Scope]


class Deed(Answer):
    """A row of the audit."""

    at: datetime
    who: str | None
    action: str
    subject: str | None
    subject_id: int | None
    whom: str | None
    reason: str | None
    details: dict[str, Any]
    address: str | None


class Fault(BaseModel):
    """One thing wrong with a request."""

    problem: str
    column: str | None = Field(None, description="Name of the parameter")
    value: str | None = None
    expected: str | None = None


class Problem(BaseModel):
    """Problem details after RFC 9457, in the language asked for."""

    title: str
    status: int
    detail: str
    faults: list[Fault] | None = None
    id: str | None = Field(None, description="Mark under which the person who runs gridmap finds it in the log")
