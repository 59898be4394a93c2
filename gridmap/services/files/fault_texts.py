"""Sentences on the findings of a check: one for each kind of fault, the most severe first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridmap.core.coverage.checks import DrawnGrids, Finding, LandTotals, measure_land
from gridmap.core.coverage.drawn_grids import LAND_KINDS
from gridmap.core.errors import N_, Message
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import FindingKind, Severity

SIZE_FAULTS = (FindingKind.OVERSIZE, FindingKind.UNDERSIZE, FindingKind.TOO_WIDE, FindingKind.EMPTY_GRID)
"""Faults that a valid partition may still have; all others are drawing faults."""
MAX_PLACES, MAX_FAULT_GROUPS = 3, 12
"""Limits of places and kinds of fault in the summary; the file lists all of them."""

BETWEEN_COMMUNITIES = "between communities"
CODE_VARIANT, MINOR_VARIANT = "code", "minor"
FaultGroup = tuple[FindingKind, str]
FAULT_NOUNS: Mapping[FaultGroup, tuple[str, str]] = {
    (FindingKind.GAP, ""): (N_("1 gap between grids"), N_("{count} gaps between grids")),
    (FindingKind.GAP, BETWEEN_COMMUNITIES): (
        N_("1 gap between communities"),
        N_("{count} gaps between communities"),
    ),
    (FindingKind.OVERLAP, ""): (N_("1 overlap of grids"), N_("{count} overlaps of grids")),
    (FindingKind.OVERLAP, BETWEEN_COMMUNITIES): (
        N_("1 overlap of communities"),
        N_("{count} overlaps of communities"),
    ),
    (FindingKind.SPILL, ""): (
        N_("1 piece of a grid outside every community"),
        N_("{count} pieces of grids outside every community"),
    ),
    (FindingKind.SPILL, BETWEEN_COMMUNITIES): (
        N_("1 piece of a community outside the subdistrict"),
        N_("{count} pieces of communities outside the subdistrict"),
    ),
    (FindingKind.FOREIGN_COMMUNITY, ""): (
        N_("1 piece of a grid in another community"),
        N_("{count} pieces of grids in another community"),
    ),
    (FindingKind.MULTIPART, ""): (
        N_("1 piece detached from the rest of its grid"),
        N_("{count} pieces detached from the rest of their grids"),
    ),
    (FindingKind.DUPLICATE, ""): (N_("1 grid drawn twice"), N_("{count} grids drawn twice")),
    (FindingKind.DUPLICATE, CODE_VARIANT): (N_("1 code used twice"), N_("{count} codes used twice")),
    (FindingKind.INVALID, ""): (N_("1 outline crosses itself"), N_("{count} outlines cross themselves")),
    (FindingKind.INVALID, MINOR_VARIANT): (
        N_("1 grid with vertices that do not match its neighbours (no land is missing)"),
        N_("{count} grids with vertices that do not match their neighbours (no land is missing)"),
    ),
    (FindingKind.UNASSIGNED_BUILDING, ""): (N_("1 building in no grid"), N_("{count} buildings in no grid")),
    (FindingKind.BUILDING_CUT, ""): (
        N_("1 building cut by a border of grids"),
        N_("{count} buildings cut by borders of grids"),
    ),
    (FindingKind.COURTYARD_SPLIT, ""): (
        N_("1 courtyard split between grids"),
        N_("{count} courtyards split between grids"),
    ),
    (FindingKind.OVERSIZE, ""): (N_("1 grid above the maximum"), N_("{count} grids above the maximum")),
    (FindingKind.UNDERSIZE, ""): (N_("1 grid below the minimum"), N_("{count} grids below the minimum")),
    (FindingKind.TOO_WIDE, ""): (N_("1 grid wider than allowed"), N_("{count} grids wider than allowed")),
    (FindingKind.EMPTY_GRID, ""): (N_("1 grid where nobody lives"), N_("{count} grids where nobody lives")),
    (FindingKind.MISSING_CODE, ""): (N_("1 grid without a code"), N_("{count} grids without a code")),
}
"""Noun of each group of faults, in the singular and plural."""

BUILDING_FAULTS = (FindingKind.UNASSIGNED_BUILDING, FindingKind.BUILDING_CUT, FindingKind.COURTYARD_SPLIT)


@dataclass(frozen=True, eq=False)
class Findings:
    """Findings of a check in the order of severity, with the town and the drawn grids."""

    town: Town
    drawn: DrawnGrids
    items: Sequence[Finding]

    def by_group(self) -> dict[FaultGroup, list[Finding]]:
        """Group the findings by their nouns; groups are in the order of their first findings."""
        groups: dict[FaultGroup, list[Finding]] = {}
        for finding in self.items:
            groups.setdefault(fault_group(finding), []).append(finding)
        return groups

    def summary(self) -> list[Message]:
        """Return at most fifteen sentences: the number of faults, then one sentence for each group."""
        if not self.items:
            return [Message(N_("No faults in {grids} grids."), {"grids": len(self.drawn)})]
        sentences = [self._group_sentence(group, findings) for group, findings in self.by_group().items()]
        rest = len(sentences) - MAX_FAULT_GROUPS
        more = [Message(N_("and {count} more kinds of faults"), {"count": rest})] if rest > 0 else []
        return [self._headline(), *sentences[:MAX_FAULT_GROUPS], *more]

    def _headline(self) -> Message:
        template = N_("Faults in {grids} grids: {faults}, of which {high} grave, {medium} medium and {low} slight.")
        counts = {str(level): sum(finding.severity is level for finding in self.items) for level in Severity}
        return Message(template, {"grids": len(self.drawn), "faults": len(self.items), **counts})

    def _group_sentence(self, group: FaultGroup, findings: Sequence[Finding]) -> Message:
        totals = self._totals(group[0], findings)
        values = {
            "faults": fault_noun(group, len(findings)),
            "area": format_area(totals.area_m2),
            "buildings": count_phrase(totals.buildings, N_("1 building"), N_("{count} buildings")),
            "households": count_phrase(totals.households, N_("1 household"), N_("{count} households")),
            "places": self._places_phrase(findings),
        }
        return Message(_sentence_template(group[0], totals.buildings > 0, totals.households), values)

    def _totals(self, kind: FindingKind, findings: Sequence[Finding]) -> LandTotals:
        """Return the land, buildings and households of a group; land that several faults share counts once."""
        if kind in LAND_KINDS:
            return measure_land(self.town, findings)
        return LandTotals(0.0, 0, sum(finding.households for finding in findings))

    def land_by_kind(self) -> dict[str, LandTotals]:
        """Return the totals of each kind of fault of land; land that several faults share counts once."""
        kinds = [kind for kind in LAND_KINDS if any(finding.kind is kind for finding in self.items)]
        return {str(kind): self._totals(kind, [each for each in self.items if each.kind is kind]) for kind in kinds}

    def _places_phrase(self, findings: Sequence[Finding]) -> Message:
        """Name the first few places."""
        places = list(dict.fromkeys(self._place_name(finding) for finding in findings))
        values = {"places": ", ".join(places[:MAX_PLACES]), "count": len(places) - MAX_PLACES}
        return Message(N_("{places} and {count} more places") if len(places) > MAX_PLACES else "{places}", values)

    def _place_name(self, finding: Finding) -> str:
        """Name the first two grids and the community of a finding."""
        grids = "/".join(dict.fromkeys(self.drawn.label(grid) for grid in finding.grids[:2]))
        community = self.town.communities["name"].iloc[finding.community] if finding.community >= 0 else ""
        return f"{grids} ({community})" if grids and community else grids or community or self.town.name


def fault_group(finding: Finding) -> FaultGroup:
    """Return the group of a finding, which decides its noun."""
    kind = finding.kind
    if kind in {FindingKind.OVERLAP, FindingKind.SPILL} and not finding.grids:
        return kind, BETWEEN_COMMUNITIES
    if kind is FindingKind.GAP and finding.community < 0:
        return kind, BETWEEN_COMMUNITIES
    if kind is FindingKind.DUPLICATE and finding.severity is not Severity.HIGH:
        return kind, CODE_VARIANT
    return kind, MINOR_VARIANT if kind is FindingKind.INVALID and finding.severity is Severity.LOW else ""


def fault_noun(group: FaultGroup, count: int) -> Message:
    """Return the noun of a group of faults with their number."""
    return count_phrase(count, *FAULT_NOUNS[group])


def count_phrase(count: int, singular: str, plural: str) -> Message:
    """Return a count with its noun in the singular or plural."""
    return Message(singular if count == 1 else plural, {"count": f"{count:,}"})


def _sentence_template(kind: FindingKind, with_buildings: bool, households: int) -> str:
    """Choose the sentence for a kind of fault."""
    if kind in LAND_KINDS and with_buildings:
        return N_("{faults}, {area} m² in all, with {buildings} and {households}: {places}")
    if kind in LAND_KINDS:
        return N_("{faults}, {area} m² in all, without buildings: {places}")
    if kind in BUILDING_FAULTS and households:
        return N_("{faults}, with {households}: {places}")
    return N_("{faults}; see {places}")


def format_area(area_m2: float) -> str:
    """Format an area in whole square metres, below 10 m² with one decimal."""
    return f"{area_m2:,.0f}" if area_m2 >= 10 else f"{area_m2:.1f}"
