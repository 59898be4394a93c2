"""Tables, a module a subject. All tables and columns have comments; links run through land, never through grids."""

from gridmap.store.schema.accounts import (
    Account,
    AccountScope,
    Audit,
    Credential,
    KnownDevice,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    SignInThrottle,
    WebSession,
)
from gridmap.store.schema.base import Base
from gridmap.store.schema.buildings import (
    Building,
    Courtyard,
    Dwelling,
    Estate,
    HouseholdCount,
    PopulationCount,
    Unit,
)
from gridmap.store.schema.cases.cases import Case, CaseStep
from gridmap.store.schema.cases.notices import CaseNotice, IncidentPhoto, WithdrawnReport
from gridmap.store.schema.cases.queries import CaseQueryCode, CaseQueryThrottle
from gridmap.store.schema.data_version import DataVersion
from gridmap.store.schema.facilities import Facility, Organisation, Shop
from gridmap.store.schema.incident_categories import AccountScopeLine, CategoryOfSubdistrict, LineViewing, ServiceLine
from gridmap.store.schema.incidents import Incident, IncidentMonth, IncidentMonthChange
from gridmap.store.schema.installation import Installation
from gridmap.store.schema.installation_secrets import InstallationSecret
from gridmap.store.schema.jobs.jobs import Job, PeriodicTask
from gridmap.store.schema.jobs.stored_files import StoredFile, StoredFileChunk
from gridmap.store.schema.journal import ChangeSet, DataSource, ImportDraft, ImportRun, RecordChange
from gridmap.store.schema.land import (
    Barrier,
    BuildingCell,
    Cell,
    DedicatedLand,
    FacilityFormerCell,
    IncidentFormerCell,
    Land,
    OrganisationFormerCell,
    ShopFormerCell,
    Street,
)
from gridmap.store.schema.people import Duty, Household, Leave, Resident, Worker
from gridmap.store.schema.plans import (
    Adoption,
    Assignment,
    Grid,
    MicroGrid,
    Plan,
    Revision,
    RevisionGrid,
    RevisionStreet,
)
from gridmap.store.schema.published_counts import CategoryClassChange, PublishedCount
from gridmap.store.schema.reveals import PersonExport, RevealBudget, SpecialTask, SpecialTaskAccount
from gridmap.store.schema.service_groups import (
    GroupOfSubdistrict,
    PublishedGroupCount,
    ServiceGroupCount,
    ServiceGroupMember,
)
from gridmap.store.schema.statistical_areas import StatisticalArea, StatisticalAreaBuilding, StatisticalAreaCount
from gridmap.store.schema.territory import Community, NormPeriod, Picture, ResidentGroup, Subdistrict, Tracing

__all__ = [
    "Account",
    "AccountScope",
    "AccountScopeLine",
    "Adoption",
    "Assignment",
    "Audit",
    "Barrier",
    "Base",
    "Building",
    "BuildingCell",
    "Case",
    "CaseNotice",
    "CaseQueryCode",
    "CaseQueryThrottle",
    "CaseStep",
    "CategoryClassChange",
    "CategoryOfSubdistrict",
    "Cell",
    "ChangeSet",
    "Community",
    "Courtyard",
    "Credential",
    "DataSource",
    "DataVersion",
    "DedicatedLand",
    "Duty",
    "Dwelling",
    "Estate",
    "Facility",
    "FacilityFormerCell",
    "Grid",
    "GroupOfSubdistrict",
    "Household",
    "HouseholdCount",
    "ImportDraft",
    "ImportRun",
    "Incident",
    "IncidentFormerCell",
    "IncidentMonth",
    "IncidentMonthChange",
    "IncidentPhoto",
    "Installation",
    "InstallationSecret",
    "Job",
    "KnownDevice",
    "Land",
    "Leave",
    "LineViewing",
    "MicroGrid",
    "NormPeriod",
    "Organisation",
    "OrganisationFormerCell",
    "PendingSignIn",
    "PeriodicTask",
    "PersonExport",
    "Picture",
    "Plan",
    "PopulationCount",
    "PublishedCount",
    "PublishedGroupCount",
    "RecordChange",
    "RecoveryCode",
    "Resident",
    "ResidentGroup",
    "RevealBudget",
    "Revision",
    "RevisionGrid",
    "RevisionStreet",
    "SecondFactor",
    "ServiceGroupCount",
    "ServiceGroupMember",
    "ServiceLine",
    "Shop",
    "ShopFormerCell",
    "SignInThrottle",
    "SpecialTask",
    "SpecialTaskAccount",
    "StatisticalArea",
    "StatisticalAreaBuilding",
    "StatisticalAreaCount",
    "StoredFile",
    "StoredFileChunk",
    "Street",
    "Subdistrict",
    "Tracing",
    "Unit",
    "WebSession",
    "WithdrawnReport",
    "Worker",
]
