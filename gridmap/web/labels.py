"""Interface texts of coded values that several pages show."""

from gridmap.core.errors import N_
from gridmap.core.vocabulary import HouseholdKind

GRID_STATUS_LABELS = {
    "under": N_("under"),
    "in_range": N_("in range"),
    "over": N_("over"),
    "dedicated": N_("dedicated"),
}
"""Statuses of a grid in the order in which legends and filters list them."""
HOUSEHOLD_KIND_LABELS = {
    HouseholdKind.RESIDENT: N_("Households living here"),
    HouseholdKind.REGISTERED: N_("Registered households"),
    HouseholdKind.DWELLING: N_("Dwellings"),
}
RESIDENCE_LABELS = {
    HouseholdKind.RESIDENT: N_("lives here"),
    HouseholdKind.REGISTERED: N_("is registered here"),
    HouseholdKind.DWELLING: N_("dwelling"),
}
"""Labels of a resident, by the kind of the resident's household."""
REVISION_STATUS_LABELS = {
    "in_force": ("good", N_("in force")),
    "planned": ("note", N_("approved for later")),
    "past": ("", N_("was in force")),
    "draft": ("", N_("draft")),
}
"""Tag kind and text of the statuses of a revision."""
