"""Tables, one module a subject. All tables and columns are commented; links run through land, never through grids."""

from gridmap.store.schema.access import Account, AccountScope, Audit, Credential, SignInBrake, WebSession
from gridmap.store.schema.base import Base
from gridmap.store.schema.incidents import Incident
from gridmap.store.schema.land import Barrier, BuildingCell, Cell, DedicatedLand, Land, Street
from gridmap.store.schema.people import Duty, Household, Resident, Worker
from gridmap.store.schema.places import Building, Courtyard, Dwelling, Estate, HouseholdCount, Unit
from gridmap.store.schema.plans import Adoption, Assignment, Grid, MicroGrid, Plan, Revision, RevisionGrid
from gridmap.store.schema.services import Facility, Organisation, Shop
from gridmap.store.schema.territory import Community, ResidentGroup, Subdistrict
from gridmap.store.schema.tiles import DataVersion

__all__ = [
    "Account",
    "AccountScope",
    "Adoption",
    "Assignment",
    "Audit",
    "Barrier",
    "Base",
    "Building",
    "BuildingCell",
    "Cell",
    "Community",
    "Courtyard",
    "Credential",
    "DataVersion",
    "DedicatedLand",
    "Duty",
    "Dwelling",
    "Estate",
    "Facility",
    "Grid",
    "Household",
    "HouseholdCount",
    "Incident",
    "Land",
    "MicroGrid",
    "Organisation",
    "Plan",
    "Resident",
    "ResidentGroup",
    "Revision",
    "RevisionGrid",
    "Shop",
    "SignInBrake",
    "Street",
    "Subdistrict",
    "Unit",
    "WebSession",
    "Worker",
]
