"""Words for kinds of streets, marked for translation."""

from collections.abc import Mapping

from gridmap.core.errors import N_
from gridmap.core.vocabulary import StreetKind

STREET_LABELS: Mapping[StreetKind, str] = {
    StreetKind.MOTORWAY: N_("Motorway"),
    StreetKind.ARTERIAL: N_("Main street"),
    StreetKind.LOCAL: N_("Street"),
    StreetKind.LANE: N_("Lane"),
}
