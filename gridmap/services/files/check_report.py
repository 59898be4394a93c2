"""Reports of checks and repairs, for people and for machines."""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gridmap import __version__
from gridmap.core.coverage.community_size import community_status, describe_communities
from gridmap.core.errors import N_, Message
from gridmap.core.plans.feasibility import CommunityLoad
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import Severity
from gridmap.services.files.fault_texts import (
    MAX_FAULT_GROUPS,
    SIZE_FAULTS,
    Findings,
    count_phrase,
    fault_noun,
    format_area,
)
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.operations.error_log import warning_values
from gridmap.texts import translate


@dataclass(frozen=True, eq=False)
class CheckReport:
    """Report of a check.

    Parameters
    ----------
    findings : Findings
        Findings in the order of severity.
    faults : GeoDataFrame
        The findings as rows, from `gridmap.formats.results.fault_layers.build_fault_table`.
    profile : Profile
        Range of households that sizes were compared with.
    clock : Clock
        Time of each step.
    language : str
        Language of the texts in the report.
    guideline : Profile
        Range of households that communities have as a rule.
    """

    findings: Findings
    faults: gpd.GeoDataFrame
    profile: Profile
    clock: Clock
    language: str
    guideline: Profile

    @property
    def is_sound(self) -> bool:
        """Return whether nothing was found."""
        return not self.findings.items

    def summary(self) -> list[Message]:
        """Return at most fifteen sentences for a planner; communities outside the guideline are no faults."""
        sizes = describe_communities(self._community_loads(), self.guideline)
        return [*self.findings.summary(), *([sizes] if sizes else [])]

    def _community_loads(self) -> list[CommunityLoad]:
        town = self.findings.town
        frame = town.buildings
        households = np.bincount(frame["community"], frame["households"], len(town.communities)).astype(np.int64)
        return [CommunityLoad(*each) for each in zip(town.communities["name"], households.tolist(), strict=True)]

    def _community_sizes(self) -> list[dict[str, object]]:
        """Return the households of each community, and its size against the guideline."""
        codes = self.findings.town.communities["code"].tolist()
        sizes = [(load, community_status(load.households, self.guideline)) for load in self._community_loads()]
        return [
            {"code": code, "name": load.name, "households": load.households, "status": status and str(status)}
            for code, (load, status) in zip(codes, sizes, strict=True)
        ]

    def as_json(self) -> dict[str, object]:
        """Return every fault, without its shape, as plain values."""
        town = self.findings.town
        return {
            "gridmap": __version__,
            "town": town.name,
            "grids": len(self.findings.drawn),
            "communities": len(town.communities),
            "buildings": len(town.buildings),
            "households": int(town.buildings["households"].sum()),
            "profile": {"minimum": self.profile.minimum, "maximum": self.profile.maximum},
            "community_sizes": self._community_sizes(),
            "by_kind": count_by_kind(self.findings),
            "by_severity": {str(severity): int((self.faults["severity"] == severity).sum()) for severity in Severity},
            "land": {
                kind: {**totals._asdict(), "area_m2": round(totals.area_m2, 2)}
                for kind, totals in self.findings.land_by_kind().items()
            },
            "summary": [translate(sentence, self.language) for sentence in self.summary()],
            "faults": _table_rows(self.faults, "suggestion_message"),
            "warnings": [translate(each.problem, self.language) for each in town.warnings if not each.is_implausible],
            "implausible": warning_values(town.warnings, self.language)["implausible"],
            "steps": self.clock.steps,
        }


@dataclass(frozen=True, eq=False)
class RepairReport:
    """Report of a repair.

    Parameters
    ----------
    partition : PartitionReport
        The repaired grids as a partition of the town.
    changes : GeoDataFrame
        Buildings and land that changed grid: ``building_id`` (None for land), ``households``, ``from_code``,
        ``to_code``, ``area_m2`` (of land), ``reason``, ``reason_message``.
    moved_atoms : int
        Number of atoms of these buildings.
    before, after : Findings
        Findings of a check before and after the repair.
    """

    partition: PartitionReport
    changes: gpd.GeoDataFrame
    moved_atoms: int
    before: Findings
    after: Findings

    @property
    def out_of_range(self) -> int:
        """Return the number of household grids out of range."""
        return self.partition.out_of_range

    @property
    def remaining_faults(self) -> dict[str, int]:
        """Return the remaining faults other than sizes, by kind; none if the communities themselves have no faults."""
        return {kind: count for kind, count in count_by_kind(self.after).items() if kind not in SIZE_FAULTS}

    def summary(self) -> list[Message]:
        """Return sentences on each kind of fault, the moved buildings and the resulting grids."""
        return [
            *self._outcome_sentences(),
            self._moved_sentence(),
            self._land_sentence(),
            self._verdict_sentence(),
            self.partition.summary()[-1],
        ]

    def _outcome_sentences(self) -> Iterator[Message]:
        before, after = self.before.by_group(), self.after.by_group()
        for group in list(dict.fromkeys([*before, *after]))[:MAX_FAULT_GROUPS]:
            count_before, count_after = len(before.get(group, [])), len(after.get(group, []))
            values = {"faults": fault_noun(group, count_before or count_after), "remaining": count_after}
            template = N_("{faults}: {remaining} after the repair") if count_after else N_("{faults}: repaired")
            yield Message(template if count_before else N_("{faults} after the repair, none before"), values)

    @property
    def moved_buildings(self) -> gpd.GeoDataFrame:
        """Return the changes of buildings."""
        return self.changes[self.changes["building_id"].notna()]

    @property
    def moved_m2(self) -> float:
        """Return the area of the land that changed grid, square metres; land that two grids lost counts once."""
        land = self.changes[self.changes["building_id"].isna()]
        return float(shapely.union_all(land.geometry.to_numpy()).area)

    def _land_sentence(self) -> Message:
        if self.moved_m2 == 0:
            return Message(N_("No land changed its grid."))
        return Message(N_("{area} m² of land changed grid."), {"area": format_area(self.moved_m2)})

    def _moved_sentence(self) -> Message:
        moved = self.moved_buildings
        if moved.empty:
            return Message(N_("No building changed its grid."))
        values = {
            "buildings": count_phrase(len(moved), N_("1 building"), N_("{count} buildings")),
            "units": count_phrase(self.moved_atoms, N_("1 unit"), N_("{count} units")),
            "households": count_phrase(int(moved["households"].sum()), N_("1 household"), N_("{count} households")),
            "unassigned": int(moved["from_code"].isna().sum()),
        }
        return Message(
            N_("{buildings} in {units} changed grid, {households} in all; previously in no grid: {unassigned}."), values
        )

    def _verdict_sentence(self) -> Message:
        if self.remaining_faults:
            return Message(
                N_("Faults other than sizes remain, which a repair of grids cannot correct. Please check them.")
            )
        return Message(N_("No faults other than sizes remain."))

    def as_json(self) -> dict[str, object]:
        """Return all figures and changes as plain values."""
        return self.partition.as_json() | {
            "faults_before": count_by_kind(self.before),
            "faults_after": count_by_kind(self.after),
            "atoms_moved": self.moved_atoms,
            "buildings_moved": len(self.moved_buildings),
            "households_moved": int(self.changes["households"].sum()),
            "area_moved_m2": round(self.moved_m2, 2),
            "changes": _table_rows(self.changes, "reason_message"),
        }


def count_by_kind(findings: Findings) -> dict[str, int]:
    """Count the faults of each kind."""
    return dict(Counter(str(finding.kind) for finding in findings.items))


def _table_rows(table: gpd.GeoDataFrame, message_column: str) -> list[dict[Hashable, object]]:
    """Return the rows of a table as plain values, without the geometry and one other column."""
    values = table.drop(columns=["geometry", message_column]).astype(object)
    rows: list[dict[Hashable, object]] = values.where(values.notna(), None).to_dict("records")
    return rows
