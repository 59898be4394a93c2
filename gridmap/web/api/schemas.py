"""Answers of the API. Numbers of people or incidents that are too small to be told are null."""

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.vocabulary import GridKind, Role, StreetKind

ItemT = TypeVar("ItemT", bound=BaseModel)
SUPPRESSED_DESCRIPTION = "null: some, but fewer than five, and the caller may not see them one by one"


class ResponseSchema(BaseModel):
    """Anything that is answered; it holds what is described and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageSchema(ResponseSchema, Generic[ItemT]):
    """A page of a list."""

    items: list[ItemT]
    page: int = Field(ge=1)
    pages: int = Field(ge=1, description="How many pages there are")


class CurrentAccountSchema(ResponseSchema):
    """The account that asks."""

    id: int
    name: str = Field(description="What the person signs in with")
    display_name: str
    role: Role


class SubdistrictSchema(ResponseSchema):
    """Subdistrict 街道."""

    id: int
    code: str
    name: str
    supervision_phone: str | None


class GeometrySchema(ResponseSchema):
    """Geometry after RFC 7946, in longitude and latitude."""

    type: Literal["Polygon", "MultiPolygon", "MultiLineString"]
    coordinates: list[Any]


class CommunitySchema(ResponseSchema):
    """Community 社区."""

    code: str
    name: str


class ResidentGroupSchema(ResponseSchema):
    """Resident group 居民小组."""

    name: str
    community_id: int


class StreetsSchema(ResponseSchema):
    """Streets 道路 of a kind, as one feature."""

    kind: StreetKind


class HouseholdsSchema(ResponseSchema):
    """Households; with the range that holds in four cases out of five where some are estimated."""

    number: int
    low: int
    high: int
    estimated: bool


class GridSchema(ResponseSchema):
    """Grid 网格 in force on the day."""

    code: str
    name: str | None
    community_id: int = Field(description="Key of its community")
    kind: GridKind
    status: GridStatusName
    minimum: int = Field(description="Fewest households asked for")
    maximum: int = Field(description="Most households asked for")
    effective_date: date = Field(description="Day from which its plan holds")
    households: HouseholdsSchema
    buildings: int
    residents: int | None = Field(description=SUPPRESSED_DESCRIPTION)
    area_m2: float
    workers: list[str] = Field(description="Names of those who answer for it; empty for a vacant grid")
    reason: str | None = Field(description="Why it is out of range, or else unlike what one would expect")


class FeatureSchema(ResponseSchema, Generic[ItemT]):
    """Feature after RFC 7946."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: GeometrySchema | None
    properties: ItemT


class FeatureCollectionSchema(ResponseSchema, Generic[ItemT]):
    """Feature collection after RFC 7946, a page at a time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[FeatureSchema[ItemT]]
    page: int = Field(ge=1)
    pages: int = Field(ge=1)


class LinkCountSchema(ResponseSchema):
    """Things of a kind, and how many of them are in no grid in force."""

    kind: str
    total: int | None = Field(description="null: it would tell what is too few to be told elsewhere")
    unlinked: int | None = Field(description=SUPPRESSED_DESCRIPTION)


class StatisticsSchema(ResponseSchema):
    """Figures of a subdistrict on a day, as far as the caller's scope goes."""

    on: date
    communities: int
    unpartitioned: list[str] = Field(description="Codes of communities without a plan in force")
    grids: dict[GridStatusName, int]
    vacant: int = Field(description="Grids that nobody answers for")
    households: dict[str, HouseholdsSchema] = Field(description="By kind: resident, registered, dwelling")
    residents: int = Field(description="Of grids whose number the caller may know")
    buildings: int
    link_counts: list[LinkCountSchema]
    linked_share: float | None = Field(description="Which part of all that has a place is in a grid")


class RevisionSchema(ResponseSchema):
    """Revision 版本 of a plan; it never changes."""

    id: int
    number: int
    parent_id: int | None
    minimum: int
    maximum: int
    note: str | None
    created_at: datetime


class PlanSchema(ResponseSchema):
    """Plan 方案 of a community."""

    id: int
    name: str
    created_at: datetime
    revisions: list[RevisionSchema]


class IncidentCountSchema(ResponseSchema):
    """Incidents of a grid in force on the day."""

    grid_id: int | None = Field(description="Key of the grid; null: in no grid")
    code: str | None
    incidents: int | None = Field(description=SUPPRESSED_DESCRIPTION)


class IncidentCountsSchema(ResponseSchema):
    """Incidents by grid in a span of days."""

    on: date
    first: date
    last: date
    items: list[IncidentCountSchema]


class ScopeSchema(ResponseSchema):
    """Where an account's role holds."""

    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None


class AccountSchema(ResponseSchema):
    """An account."""

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: list[ScopeSchema]


class AuditEntrySchema(ResponseSchema):
    """A row of the audit."""

    at: datetime
    actor: str | None
    action: str
    subject: str | None
    subject_id: int | None
    target: str | None
    reason: str | None
    details: dict[str, Any]
    address: str | None


class FaultSchema(BaseModel):
    """One thing wrong with a request."""

    problem: str
    column: str | None = Field(None, description="Name of the parameter")
    value: str | None = None
    expected: str | None = None


class ProblemSchema(BaseModel):
    """Problem details after RFC 9457, in the language asked for."""

    title: str
    status: int
    detail: str
    faults: list[FaultSchema] | None = None
    id: str | None = Field(None, description="Mark under which the person who runs gridmap finds it in the log")
