"""What a check found and what a repair changed, for people and for machines."""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import geopandas as gpd

from gridmap import __version__
from gridmap.core.errors import N_, Message
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import Severity
from gridmap.services.files.fault_texts import MAX_FAULT_GROUPS, SIZE_FAULTS, Findings, count_phrase, fault_noun
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.texts import translate


@dataclass(frozen=True, eq=False)
class CheckReport:
    """A check as it is reported.

    Parameters
    ----------
    findings : Findings
        The gravest first.
    faults : GeoDataFrame
        The same as rows, from `gridmap.formats.results.fault_layers.build_fault_table`.
    profile : Profile
        The range that sizes were measured by.
    clock : Clock
        What it took.
    language : str
        Language of the texts in it.
    """

    findings: Findings
    faults: gpd.GeoDataFrame
    profile: Profile
    clock: Clock
    language: str

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings.items

    def summary(self) -> list[Message]:
        """At most fifteen lines that a planner understands."""
        return self.findings.summary()

    def as_json(self) -> dict[str, object]:
        """Every fault but its shape, as plain values."""
        town = self.findings.town
        return {
            "gridmap": __version__,
            "town": town.name,
            "grids": len(self.findings.drawn),
            "communities": len(town.communities),
            "buildings": len(town.buildings),
            "households": int(town.buildings["households"].sum()),
            "profile": {"minimum": self.profile.minimum, "maximum": self.profile.maximum},
            "by_kind": count_by_kind(self.findings),
            "by_severity": {str(each): int((self.faults["severity"] == each).sum()) for each in Severity},
            "summary": [translate(sentence, self.language) for sentence in self.summary()],
            "faults": _table_rows(self.faults, "suggestion_message"),
            "warnings": [translate(warning.problem, self.language) for warning in town.warnings],
            "steps": self.clock.steps,
        }


@dataclass(frozen=True, eq=False)
class RepairReport:
    """A repair as it is reported.

    Parameters
    ----------
    partition : PartitionReport
        The repaired grids as a division of the town.
    changes : GeoDataFrame
        Buildings that changed grid: ``building_id``, ``households``, ``from_code``, ``to_code``, ``reason``,
        ``reason_message``.
    moved_atoms : int
        How many units, never to be separated, these buildings make up.
    before, after : Findings
        What a check finds in the drawing and in its repair.
    """

    partition: PartitionReport
    changes: gpd.GeoDataFrame
    moved_atoms: int
    before: Findings
    after: Findings

    @property
    def out_of_range(self) -> int:
        """Household grids out of range."""
        return self.partition.out_of_range

    @property
    def remaining_faults(self) -> dict[str, int]:
        """Faults other than sizes that the repair left, by kind: none in a town whose communities are in order."""
        return {kind: count for kind, count in count_by_kind(self.after).items() if kind not in SIZE_FAULTS}

    def summary(self) -> list[Message]:
        """What became of each kind of fault, who moved, and the grids that came out."""
        return [
            *self._outcome_sentences(),
            self._moved_sentence(),
            self._verdict_sentence(),
            self.partition.summary()[1],
        ]

    def _outcome_sentences(self) -> Iterator[Message]:
        before, after = self.before.by_group(), self.after.by_group()
        for sort in [*before, *(sort for sort in after if sort not in before)][:MAX_FAULT_GROUPS]:
            was, now = len(before.get(sort, [])), len(after.get(sort, []))
            values = {"what": fault_noun(sort, was or now), "left": now}
            told = N_("{what}: {left} after the repair") if now else N_("{what}: repaired")
            yield Message(told if was else N_("{what} after the repair, none before"), values)

    def _moved_sentence(self) -> Message:
        if self.changes.empty:
            return Message(N_("No building changes grid."))
        values = {
            "buildings": count_phrase(len(self.changes), N_("1 building"), N_("{count} buildings")),
            "units": count_phrase(self.moved_atoms, N_("1 unit"), N_("{count} units")),
            "households": count_phrase(
                int(self.changes["households"].sum()), N_("1 household"), N_("{count} households")
            ),
            "newly": int(self.changes["from_code"].isna().sum()),
        }
        return Message(N_("{buildings} in {units} changed grid, {households} in all; from no grid: {newly}."), values)

    def _verdict_sentence(self) -> Message:
        if self.remaining_faults:
            return Message(N_("Other faults than sizes are left, which no repair of grids can mend: look at them."))
        return Message(N_("No faults but sizes are left."))

    def as_json(self) -> dict[str, object]:
        """Every figure and every change, as plain values."""
        return self.partition.as_json() | {
            "faults_before": count_by_kind(self.before),
            "faults_after": count_by_kind(self.after),
            "atoms_moved": self.moved_atoms,
            "buildings_moved": len(self.changes),
            "households_moved": int(self.changes["households"].sum()),
            "changes": _table_rows(self.changes, "reason_message"),
        }


def count_by_kind(findings: Findings) -> dict[str, int]:
    """Number of faults of each kind."""
    return dict(Counter(str(finding.kind) for finding in findings.items))


def _table_rows(table: gpd.GeoDataFrame, message_column: str) -> list[dict[Hashable, object]]:
    """Rows without their shapes and a column, as plain values."""
    plain = table.drop(columns=["geometry", message_column]).astype(object)
    rows: list[dict[Hashable, object]] = plain.where(plain.notna(), None).to_dict("records")
    return rows
