"""Interface texts of coded values that several pages show."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.incidents.deviations import Deviation
from gridmap.core.vocabulary import (
    AccessClass,
    HouseholdKind,
    LinePurpose,
    Occupancy,
    PopulationKind,
    Residence,
    RevealField,
    RevealPurpose,
    SearchKind,
)
from gridmap.services.homes.doors import DoorState
from gridmap.services.subdistrict_files.labels import (
    GRID_STATUS_LABELS,
    POPULATION_BASIS_LABELS,
    ROSTER_ROLE_LABELS,
)

__all__ = ["GRID_STATUS_LABELS", "POPULATION_BASIS_LABELS", "ROSTER_ROLE_LABELS"]

HOUSEHOLD_KIND_LABELS = {
    HouseholdKind.RESIDENT: N_("Households living here"),
    HouseholdKind.REGISTERED: N_("Registered households"),
    HouseholdKind.DWELLING: N_("Dwellings"),
}
POPULATION_KIND_LABELS = {
    PopulationKind.RESIDENTS: N_("all"),
    PopulationKind.RESIDENTS_60: N_("of them 60 and older"),
}
"""Persons of a building that are counted."""
COUNT_KIND_LABELS: Mapping[HouseholdKind | PopulationKind, str] = {
    **dict(HOUSEHOLD_KIND_LABELS.items()),
    PopulationKind.RESIDENTS: N_("Persons"),
    PopulationKind.RESIDENTS_60: N_("Persons of 60 and older"),
}
"""Counts of households and of persons in one list."""
NORM_KIND_LABELS = {
    HouseholdKind.RESIDENT: N_("households living here"),
    HouseholdKind.REGISTERED: N_("registered households"),
    HouseholdKind.DWELLING: N_("dwellings"),
}
"""Kinds of household behind the numbers of a norm."""
RESIDENCE_LABELS = {
    HouseholdKind.RESIDENT: N_("lives here"),
    HouseholdKind.REGISTERED: N_("is registered here"),
    HouseholdKind.DWELLING: N_("dwelling"),
}
"""Labels of a resident, by the kind of the resident's household."""
OCCUPANCY_LABELS = {Occupancy.OWNER: N_("owner lives here"), Occupancy.TENANT: N_("rents")}
RESIDENCE_STATE_LABELS = {
    Residence.HERE: N_("lives and is registered here"),
    Residence.REGISTERED_ELSEWHERE: N_("lives here, registered elsewhere"),
    Residence.LIVES_ELSEWHERE: N_("registered here, lives elsewhere"),
}
PLACE_KIND_LABELS = {
    SearchKind.ESTATE: N_("Estates"),
    SearchKind.BUILDING: N_("Buildings"),
    SearchKind.GRID: N_("Grids"),
    SearchKind.ORGANISATION: N_("Organisations"),
    SearchKind.SHOP: N_("Shops"),
    SearchKind.FACILITY: N_("Facilities"),
}
"""Kinds of places that the search finds."""
DOOR_STATE_LABELS = {
    DoorState.OWNER: N_("owner lives here"),
    DoorState.TENANT: N_("rented"),
    DoorState.LIVED_IN: N_("lived in"),
    DoorState.ELSEWHERE: N_("registered, lives elsewhere"),
    DoorState.VACANT: N_("standing empty"),
    DoorState.UNKNOWN: N_("no record"),
}
"""States of a door in the order of the legend."""
REVISION_STATUS_LABELS = {
    "in_force": ("good", N_("in force")),
    "planned": ("note", N_("approved for later")),
    "past": ("", N_("was in force")),
    "draft": ("", N_("draft")),
}
"""Tag kind and text of the statuses of a revision."""
DEVIATION_LABELS = {
    Deviation.FAR_ABOVE: N_("far more than chance"),
    Deviation.ABOVE: N_("more than chance"),
    Deviation.WITHIN: N_("within chance"),
    Deviation.BELOW: N_("fewer than chance"),
    Deviation.FAR_BELOW: N_("far fewer than chance"),
}
"""Deviations of rates and changes in the order of the legend."""
REVEAL_FIELD_LABELS = {
    RevealField.NAME: N_("Name"),
    RevealField.PHONE: N_("Phone"),
    RevealField.ID_NUMBER: N_("Identity number"),
}
PURPOSE_LABELS = {
    RevealPurpose.DOOR_VISIT: N_("Visit at the door"),
    RevealPurpose.CALL_BACK: N_("Call back"),
    RevealPurpose.VERIFICATION: N_("Check of the data"),
    RevealPurpose.MATTER: N_("Matter"),
}
LINE_PURPOSE_LABELS = {
    LinePurpose.ANALYSIS: N_("Analysis of the situation"),
    LinePurpose.COORDINATION: N_("Coordination of a case"),
    LinePurpose.SUPERVISION: N_("Supervision of the handling"),
    LinePurpose.MATTER: N_("Matter"),
}
ACTION_LABELS = {
    "account_activated": N_("account in use again"),
    "account_deactivated": N_("account out of use"),
    "account_made": N_("account made"),
    "account_returned": N_("account back after a restore"),
    "approve": N_("plan approved"),
    "backup": N_("backup made"),
    "backup_failed": N_("backup failed"),
    "build_land": N_("land built on the first day"),
    "category_class_confirmed": N_("access class of a category confirmed"),
    "category_class_proposed": N_("access class of a category proposed"),
    "category_class_refused": N_("access class of a category refused"),
    "category_saved": N_("incident category saved"),
    "count_removed": N_("count of a building removed"),
    "denied": N_("refused: not for this account"),
    "export": N_("export"),
    "household_visit": N_("household opened for a visit"),
    "household_visit_ended": N_("household closed after a visit"),
    "leave_ended": N_("leave ended"),
    "leave_opened": N_("leave entered"),
    "line_ended": N_("service line ended"),
    "line_given": N_("service line given"),
    "line_incident_opened": N_("incident of a service line opened"),
    "line_viewed": N_("incidents of service lines shown"),
    "line_viewing_ended": N_("purpose for service lines ended"),
    "line_viewing_opened": N_("purpose for service lines chosen"),
    "list": N_("list of residents shown"),
    "norm_ended": N_("norm ended"),
    "norm_entered": N_("norm entered"),
    "norm_withdrawn": N_("norm withdrawn"),
    "password_changed": N_("password changed"),
    "password_reset": N_("one-time password given"),
    "password_returned": N_("earlier password back after a restore"),
    "person_export_approved": N_("export of persons approved"),
    "person_export_refused": N_("export of persons refused"),
    "person_export_requested": N_("export of persons asked for"),
    "recovery_code_used": N_("signed in with a recovery code"),
    "restore": N_("backup restored"),
    "reveal": N_("value revealed"),
    "reveal_alarm_seen": N_("alarm looked into"),
    "reveal_budget_set": N_("budget of reveals set"),
    "reveal_refused": N_("reveal refused: limit reached"),
    "roster_changed": N_("grid on the roster changed"),
    "scope_ended": N_("place taken"),
    "scope_given": N_("place given"),
    "scope_returned": N_("place back after a restore"),
    "search": N_("search by number"),
    "second_factor_failed": N_("wrong code at sign-in"),
    "second_factor_reset": N_("second factor reset"),
    "second_factor_set": N_("second factor set up"),
    "service_line_saved": N_("service line saved"),
    "sessions_ended": N_("other browsers signed out"),
    "sign_in": N_("signed in"),
    "sign_in_failed": N_("sign-in failed"),
    "sign_out": N_("signed out"),
    "special_task_closed": N_("special task closed"),
    "special_task_opened": N_("special task opened"),
    "view": N_("page of a resident shown"),
    "whole_loaded": N_("subdistrict loaded from a file"),
    "worker_linked": N_("linked to the roster"),
    "worker_unlinked": N_("link to the roster ended"),
}
"""Actions of the audit."""
SUBJECT_LABELS = {
    "account": N_("account"),
    "building": N_("building"),
    "community": N_("community"),
    "grid": N_("grid"),
    "household": N_("household"),
    "incident": N_("incident"),
    "person_export": N_("export of persons"),
    "resident": N_("resident"),
    "revision": N_("plan revision"),
    "service_line": N_("service line"),
    "special_task": N_("special task"),
    "subdistrict": N_("subdistrict"),
}
"""Tables of rows that entries of the audit are about."""
LIMIT_LABELS = {
    "budget": N_("budget of the day used up"),
    "cool_down": N_("too many at once"),
    "special_task": N_("not covered by the special task"),
}
"""Limits that refuse a reveal."""
ACCESS_CLASS_LABELS = {
    AccessClass.ORDINARY: N_("ordinary: things and places"),
    AccessClass.PERSONAL: N_("personal: people and households"),
    AccessClass.SENSITIVE: N_("sensitive: sensitive personal information"),
}
"""Access classes of incidents."""
INCIDENT_STATUS_LABELS = {"open": N_("open"), "closed": N_("closed")}
