"""Schemas of the API's responses. Suppressed numbers of people are null."""

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gridmap.core.plans.grid_status import GridStatusName
from gridmap.core.vocabulary import AccessClass, GridKind, HouseholdKind, Role, StreetKind
from gridmap.services.grids.population import BasisName

ItemT = TypeVar("ItemT", bound=BaseModel)
Position = list[float]
BASIS_DESCRIPTION = "What residents were counted by: the roster of persons, counts of buildings, both or none"
SUPPRESSED_DESCRIPTION = "null: from one to four, and the caller may not see them one by one"
RECORDED_DESCRIPTION = "Day of the {end} incident of all days, beyond which 0 means no record; null: no incident at all"


class ResponseSchema(BaseModel):
    """Base of responses, without fields beyond those described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageSchema(ResponseSchema, Generic[ItemT]):
    """A page of a list."""

    items: list[ItemT]
    page: int = Field(ge=1)
    pages: int = Field(ge=1, description="Number of pages")


class CurrentAccountSchema(ResponseSchema):
    """The caller's account."""

    id: int
    name: str = Field(description="Name to sign in with")
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

    type: Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: Position | list[Position] | list[list[Position]] | list[list[list[Position]]]


class CommunitySchema(ResponseSchema):
    """Community 社区."""

    code: str
    name: str


class ResidentGroupSchema(ResponseSchema):
    """Resident group 居民小组."""

    name: str
    community_id: int


class StreetsSchema(ResponseSchema):
    """Streets 道路 of one kind, as one feature."""

    kind: StreetKind


class HouseholdsSchema(ResponseSchema):
    """Number of households, with its 80 % range where some are estimated."""

    number: int
    low: int
    high: int
    estimated: bool


class NormSchema(ResponseSchema):
    """Norm 户数标准 that the status of a grid is judged by on the date."""

    communities: list[str] = Field(description="Names of the communities whose grids are judged by it")
    minimum: int = Field(description="Minimum of households")
    maximum: int = Field(description="Maximum of households")
    target: int = Field(description="Households that a partition aims at")
    household_kind: HouseholdKind = Field(description="Kind of household that is counted")
    person_minimum: int | None = Field(description="Minimum of a second range, in persons")
    person_maximum: int | None = Field(description="Maximum of the second range; a grid in either range is in range")
    max_radius_m: int | None = Field(description="Farthest home from the centre of a grid, metres; null for no limit")
    source: str | None = Field(description="Document that it is taken from; null for the default")
    source_date: date | None = Field(description="Date of the document")
    effective_date: date | None = Field(description="First day on which it holds")
    of: Literal["community", "subdistrict", "default"] = Field(
        description="Place it was entered for; default where nobody entered one"
    )


class GridSchema(ResponseSchema):
    """Grid 网格 in force on the date."""

    code: str
    name: str | None
    community_id: int = Field(description="Key of its community")
    kind: GridKind
    status: GridStatusName
    minimum: int = Field(description="Minimum of households by the norm of the date")
    maximum: int = Field(description="Maximum of households by the norm of the date")
    norm_kind: HouseholdKind = Field(description="Kind of household that the norm counts")
    norm_persons: tuple[int, int] | None = Field(description="Second range of the norm, in persons")
    effective_date: date = Field(description="Effective date of its plan")
    households: HouseholdsSchema
    buildings: int
    residents: int | None = Field(description=SUPPRESSED_DESCRIPTION)
    residents_60: int | None = Field(description="Residents of 60 and older; null if not known or not shown")
    residents_basis: BasisName = Field(description=BASIS_DESCRIPTION)
    residents_source: str | None = Field(description="Source of the newest count of a building that was used")
    residents_as_of: date | None = Field(description="Day of that count")
    area_m2: float
    workers: list[str] = Field(description="Names of its workers; empty for a vacant grid")
    reason: str | None = Field(description="Reason for being out of range or unusual")


class FeatureSchema(ResponseSchema, Generic[ItemT]):
    """Feature after RFC 7946."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: GeometrySchema | None
    properties: ItemT


class FeatureCollectionSchema(ResponseSchema, Generic[ItemT]):
    """Page of a feature collection after RFC 7946."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[FeatureSchema[ItemT]]
    page: int = Field(ge=1)
    pages: int = Field(ge=1)


class LinkCountSchema(ResponseSchema):
    """Number of items of a kind, and of those in no grid in force."""

    kind: str
    total: int
    unlinked: int


class StatisticsSchema(ResponseSchema):
    """Statistics of a subdistrict on a date, within the caller's scope."""

    on: date
    communities: int
    unpartitioned: list[str] = Field(description="Codes of communities without a plan in force")
    grids: dict[GridStatusName, int]
    norms: list[NormSchema] = Field(description="Norms of the date, each with the communities judged by it")
    vacant: int = Field(description="Number of grids without worker")
    households: dict[str, HouseholdsSchema] = Field(description="By kind: resident, registered, dwelling")
    residents: int = Field(description="Residents of grids whose number the caller may know")
    residents_60: int | None = Field(description="Those of 60 and older, where their number is known and shown")
    residents_basis: BasisName = Field(description=BASIS_DESCRIPTION)
    buildings: int
    link_counts: list[LinkCountSchema]
    linked_share: float | None = Field(description="Share of all located items that are in a grid")


class RevisionSchema(ResponseSchema):
    """Revision 版本 of a plan; it is immutable."""

    id: int
    number: int
    parent_id: int | None
    minimum: int = Field(description="Minimum that it was made with; its grids are judged by the norm")
    maximum: int = Field(description="Maximum that it was made with")
    household_kind: HouseholdKind = Field(description="Kind of household that it was made with")
    max_radius_m: int | None = Field(description="Radius that it was made with, metres; null for no limit")
    note: str | None
    created_at: datetime


class PlanSchema(ResponseSchema):
    """Plan 方案 of a community."""

    id: int
    name: str
    created_at: datetime
    revisions: list[RevisionSchema]


class IncidentCountSchema(ResponseSchema):
    """Number of incidents of a grid in force on the date."""

    grid_id: int | None = Field(description="Key of the grid; null for incidents in no grid")
    code: str | None
    incidents: int = Field(description="Incidents of the access classes that the caller may see")
    on_border: int = Field(description="Those of them that are ordinary and within 5 m of another grid, or of none")


class IncidentCountsSchema(ResponseSchema):
    """Numbers of incidents by grid in a period."""

    on: date
    first: date
    last: date
    first_recorded: date | None = Field(description=RECORDED_DESCRIPTION.format(end="first"))
    last_recorded: date | None = Field(description=RECORDED_DESCRIPTION.format(end="last"))
    items: list[IncidentCountSchema]


class PublishedCountSchema(ResponseSchema):
    """Published count 定期公布数: incidents of a class that were entered in a closed month or quarter."""

    access_class: AccessClass
    first_day: date
    last_day: date = Field(description="Last day of the period; the grids are those in force on it")
    community_id: int | None = Field(description="Key of the community; null for places in none")
    grid_code: str | None = Field(description="Code of the grid; null for the sum of the other places of the community")
    incidents: int | None = Field(description="null: from one to four")


class ScopeSchema(ResponseSchema):
    """Area and period in which an account works."""

    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None


class AccountSchema(ResponseSchema):
    """Account of a person."""

    id: int
    name: str
    display_name: str
    role: Role
    active: bool
    scopes: list[ScopeSchema]


class AuditEntrySchema(ResponseSchema):
    """Entry of the audit log."""

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
    """Fault of a request."""

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
    id: str | None = Field(None, description="Id of the error in the log")
