"""Texts of coded values in exported tables; pages show the same."""

from gridmap.core.errors import N_
from gridmap.core.vocabulary import RosterRole

GRID_STATUS_LABELS = {
    "under": N_("under"),
    "in_range": N_("in range"),
    "over": N_("over"),
    "dedicated": N_("dedicated"),
    "no_counts": N_("not counted"),
}
"""Statuses of a grid in the order in which legends and filters list them."""
POPULATION_BASIS_LABELS = {
    "roster": N_("roster"),
    "counts": N_("counts of buildings"),
    "both": N_("roster and counts of buildings"),
}
"""Labels of the ways in which the residents of a grid were counted."""
ROSTER_ROLE_LABELS = {
    RosterRole.GRID_LEADER: N_("in charge of the grid"),
    RosterRole.GRID_WORKER: N_("full-time grid worker"),
    RosterRole.BUILDING_LEADER: N_("building leader"),
    RosterRole.INFORMANT: N_("informant"),
    RosterRole.POLICE: N_("police officer"),
    RosterRole.PARTY_MEMBER: N_("party member"),
    RosterRole.VOLUNTEER: N_("volunteer"),
    RosterRole.SOCIAL_ORGANISATION: N_("social organisation"),
}
"""Roles on the roster, the one in charge first."""
ITEM_LABELS = {
    "buildings": N_("Buildings"),
    "facilities": N_("Facilities"),
    "organisations": N_("Organisations"),
    "shops": N_("Shops"),
    "incidents": N_("Incidents of a year"),
}
"""Kinds of things that are in a grid or in none."""
