"""Words for kinds of streets and of groups of buildings, marked for translation."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.vocabulary import GroupKind, StreetKind

STREET_LABELS: Mapping[StreetKind, str] = {
    StreetKind.MOTORWAY: N_("Motorway"),
    StreetKind.ARTERIAL: N_("Main street"),
    StreetKind.LOCAL: N_("Street"),
    StreetKind.LANE: N_("Lane"),
}

GROUP_LABELS: Mapping[GroupKind, str] = {
    GroupKind.ESTATE: N_("Estate"),
    GroupKind.COURTYARD: N_("Courtyard"),
    GroupKind.RESIDENT_GROUP: N_("Resident group"),
}
