"""Findings in sentences: one for each kind of fault, the gravest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridmap.core.check import DrawnGrids, Finding
from gridmap.core.errors import N_, Message
from gridmap.core.names import FaultKind, Severity
from gridmap.core.town import Town

SIZES = (FaultKind.OVERSIZE, FaultKind.UNDERSIZE, FaultKind.EMPTY_GRID)
"""What a sound division may still have; all else is a fault of drawing."""
PLACES, KINDS = 3, 12
"""As many places of a kind and kinds of fault are named; the file has them all."""

BETWEEN_COMMUNITIES = "between communities"
CODE, BLEMISH = "code", "blemish"
Sort = tuple[FaultKind, str]
ONE_AND_MANY: Mapping[Sort, tuple[str, str]] = {
    (FaultKind.GAP, ""): (N_("1 gap between grids"), N_("{count} gaps between grids")),
    (FaultKind.GAP, BETWEEN_COMMUNITIES): (
        N_("1 gap between communities"),
        N_("{count} gaps between communities"),
    ),
    (FaultKind.OVERLAP, ""): (N_("1 overlap of grids"), N_("{count} overlaps of grids")),
    (FaultKind.OVERLAP, BETWEEN_COMMUNITIES): (
        N_("1 overlap of communities"),
        N_("{count} overlaps of communities"),
    ),
    (FaultKind.SPILL, ""): (
        N_("1 piece of a grid outside every community"),
        N_("{count} pieces of grids outside every community"),
    ),
    (FaultKind.SPILL, BETWEEN_COMMUNITIES): (
        N_("1 piece of a community outside the subdistrict"),
        N_("{count} pieces of communities outside the subdistrict"),
    ),
    (FaultKind.FOREIGN_COMMUNITY, ""): (
        N_("1 piece of a grid in another community"),
        N_("{count} pieces of grids in another community"),
    ),
    (FaultKind.MULTIPART, ""): (
        N_("1 piece apart from the rest of its grid"),
        N_("{count} pieces apart from the rest of their grids"),
    ),
    (FaultKind.DUPLICATE, ""): (N_("1 grid drawn twice"), N_("{count} grids drawn twice")),
    (FaultKind.DUPLICATE, CODE): (N_("1 code given twice"), N_("{count} codes given twice")),
    (FaultKind.INVALID, ""): (N_("1 outline crosses itself"), N_("{count} outlines cross themselves")),
    (FaultKind.INVALID, BLEMISH): (
        N_("1 grid whose corners are not those of its neighbours (no land is missing)"),
        N_("{count} grids whose corners are not those of their neighbours (no land is missing)"),
    ),
    (FaultKind.UNASSIGNED_BUILDING, ""): (N_("1 building in no grid"), N_("{count} buildings in no grid")),
    (FaultKind.BUILDING_CUT, ""): (
        N_("1 building cut by a border of grids"),
        N_("{count} buildings cut by borders of grids"),
    ),
    (FaultKind.COURTYARD_SPLIT, ""): (
        N_("1 courtyard split between grids"),
        N_("{count} courtyards split between grids"),
    ),
    (FaultKind.OVERSIZE, ""): (N_("1 grid above the maximum"), N_("{count} grids above the maximum")),
    (FaultKind.UNDERSIZE, ""): (N_("1 grid below the minimum"), N_("{count} grids below the minimum")),
    (FaultKind.EMPTY_GRID, ""): (N_("1 grid where nobody lives"), N_("{count} grids where nobody lives")),
    (FaultKind.MISSING_CODE, ""): (N_("1 grid without a code"), N_("{count} grids without a code")),
}
"""What to call a sort of fault."""

OF_LAND = (FaultKind.GAP, FaultKind.OVERLAP, FaultKind.SPILL, FaultKind.FOREIGN_COMMUNITY, FaultKind.MULTIPART)
OF_PEOPLE = (FaultKind.UNASSIGNED_BUILDING, FaultKind.BUILDING_CUT, FaultKind.COURTYARD_SPLIT)


@dataclass(frozen=True, eq=False)
class Findings:
    """What a check found, the gravest first, in the town and the drawing it was found in."""

    town: Town
    drawn: DrawnGrids
    found: Sequence[Finding]

    def by_sort(self) -> dict[Sort, list[Finding]]:
        """Findings by what they are called, in the order of the first of each."""
        sorts: dict[Sort, list[Finding]] = {}
        for finding in self.found:
            sorts.setdefault(sort_of(finding), []).append(finding)
        return sorts

    def summary(self) -> list[Message]:
        """At most fifteen lines: how many faults, then one sentence for each sort."""
        if not self.found:
            return [Message(N_("No faults in {grids} grids."), {"grids": len(self.drawn)})]
        told = [self._sentence(sort, each) for sort, each in self.by_sort().items()]
        rest = len(told) - KINDS
        more = [Message(N_("and {count} more kinds of faults"), {"count": rest})] if rest > 0 else []
        return [self._headline(), *told[:KINDS], *more]

    def _headline(self) -> Message:
        text = N_("Faults in {grids} grids: {faults}, of which {high} grave, {medium} medium and {low} slight.")
        count = {str(each): sum(one.severity is each for one in self.found) for each in Severity}
        return Message(text, {"grids": len(self.drawn), "faults": len(self.found), **count})

    def _sentence(self, sort: Sort, findings: Sequence[Finding]) -> Message:
        households = sum(finding.households for finding in findings)
        values = {
            "what": called(sort, len(findings)),
            "area": _square_metres(sum(finding.area_m2 for finding in findings)),
            "buildings": counted(
                sum(finding.buildings for finding in findings), N_("1 building"), N_("{count} buildings")
            ),
            "households": counted(households, N_("1 household"), N_("{count} households")),
            "places": self._places(findings),
        }
        return Message(_frame(sort[0], any(each.buildings for each in findings), households), values)

    def _places(self, findings: Sequence[Finding]) -> Message:
        """Where the first few are."""
        places = list(dict.fromkeys(self._place(finding) for finding in findings))
        values = {"places": ", ".join(places[:PLACES]), "count": len(places) - PLACES}
        return Message(N_("{places} and {count} more places") if len(places) > PLACES else "{places}", values)

    def _place(self, finding: Finding) -> str:
        """The first two grids concerned, and the community."""
        grids = "/".join(dict.fromkeys(self.drawn.name(grid) for grid in finding.grids[:2]))
        community = self.town.communities["name"].iloc[finding.community] if finding.community >= 0 else ""
        return f"{grids} ({community})" if grids and community else grids or community or self.town.name


def sort_of(finding: Finding) -> Sort:
    """What a finding is called."""
    kind = finding.kind
    if kind in {FaultKind.OVERLAP, FaultKind.SPILL} and not finding.grids:
        return kind, BETWEEN_COMMUNITIES
    if kind is FaultKind.GAP and finding.community < 0:
        return kind, BETWEEN_COMMUNITIES
    if kind is FaultKind.DUPLICATE and finding.severity is not Severity.HIGH:
        return kind, CODE
    return kind, BLEMISH if kind is FaultKind.INVALID and finding.severity is Severity.LOW else ""


def called(sort: Sort, count: int) -> Message:
    """A sort of fault with its number."""
    return counted(count, *ONE_AND_MANY[sort])


def counted(count: int, one: str, many: str) -> Message:
    """A number of things, in the right number."""
    return Message(one if count == 1 else many, {"count": f"{count:,}"})


def _frame(kind: FaultKind, with_buildings: bool, households: int) -> str:
    """The sentence that a kind of fault is told in."""
    if kind in OF_LAND and with_buildings:
        return N_("{what}, {area} m² in all, holding {buildings} and {households}: {places}")
    if kind in OF_LAND:
        return N_("{what}, {area} m² in all, without buildings: {places}")
    if kind in OF_PEOPLE and households:
        return N_("{what}, with {households}: {places}")
    return N_("{what}; see {places}")


def _square_metres(area: float) -> str:
    """Whole square metres, tenths of small areas."""
    return f"{area:,.0f}" if area >= 10 else f"{area:.1f}"
