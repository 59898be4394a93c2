"""Report of a partition, for people and for machines."""

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np

from gridmap import __version__
from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.explanations.cure_ground import Cure
from gridmap.core.groups.cut_groups import CutGroup, list_cut_groups
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.measures import MEASURES
from gridmap.core.plans.plan import ExceptionCertificate, GridPlan
from gridmap.core.vocabulary import BorderKind, GridKind, GridStatus
from gridmap.formats.results.result_layers import message_to_json
from gridmap.services.files.estimate import estimate_sentence, estimate_totals
from gridmap.services.operations.error_log import warning_values
from gridmap.texts import translate

KIB_PER_MIB = 1024


@dataclass
class Clock:
    """Seconds of each step: processor time of all threads, and wall time."""

    steps: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the time of one step."""
        processor, wall = time.process_time(), time.perf_counter()
        yield
        elapsed = {"cpu_s": time.process_time() - processor, "wall_s": time.perf_counter() - wall}
        self.steps[name] = {key: round(seconds, 3) for key, seconds in elapsed.items()}


def warning_sentences(warnings: Sequence[InputFault]) -> Iterator[Message]:
    """Yield a sentence on what was repaired or assumed, and one on what is not plausible, where there is any."""
    implausible = sum(warning.is_implausible for warning in warnings)
    if implausible < len(warnings):
        count = {"count": len(warnings) - implausible}
        yield Message(N_("repaired or assumed in the input: {count}; see the report"), count)
    if implausible:
        yield Message(N_("not plausible in the input: {count}; see the report"), {"count": implausible})


@dataclass(frozen=True, eq=False)
class PartitionReport:
    """Report of a partition.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        The town, its cells, and the grid of each cell.
    grids : GeoDataFrame
        From `gridmap.core.plans.measures.measure_grids`.
    settings : PartitionSettings
        Profile, weights and seed.
    clock : Clock
        Time of each step.
    language : str
        Language of the texts in the report.
    micro_grids : GeoDataFrame, optional
        Micro-grids, where each grid was partitioned again.
    resident_groups : GeoDataFrame, optional
        Resident groups of the town.
    cures : mapping of int to sequence of Cure
        What would bring certified grids into the range.
    """

    town: Town
    land: LandCoverage
    plan: GridPlan
    grids: gpd.GeoDataFrame
    settings: PartitionSettings
    clock: Clock
    language: str
    micro_grids: gpd.GeoDataFrame | None = None
    resident_groups: gpd.GeoDataFrame | None = None
    cures: Mapping[int, Sequence[Cure]] = field(default_factory=dict)

    @property
    def out_of_range(self) -> int:
        """Return the number of household grids out of range, or wider than the profile allows."""
        grids, limit = self._household_grids, self.settings.profile.max_radius_m
        is_wide = (grids["radius_m"] > limit) & (limit > 0)
        return int(((grids["status"] != GridStatus.IN_RANGE) | is_wide).sum())

    @property
    def _household_grids(self) -> gpd.GeoDataFrame:
        return self.grids[self.grids["kind"] == GridKind.HOUSEHOLD]

    @property
    def exceptions(self) -> list[Message]:
        """Return a sentence for each grid with a reason, what would help, then the notes."""
        counted = N_("grid {grid_code}, {households} households: {reason}")
        estimated = N_("grid {grid_code}, about {households} households ({low} to {high}, estimated): {reason}")
        grids = self._household_grids[self._household_grids["reason"].notna()].sort_values("grid_code")
        grids = grids.rename(columns={"households_low": "low", "households_high": "high"})
        columns = ["grid_code", "households", "low", "high", "estimated_households", "reason"]
        if self.town.load:
            counted = estimated = N_("grid {grid_code}, load {load}, of which households {households}: {reason}")
            columns.append("load")
        rows = [{str(name): value for name, value in row.items()} for row in grids[columns].to_dict("records")]
        templates = [estimated if row["estimated_households"] else counted for row in rows]
        return [*map(Message, templates, rows), *self._cure_sentences(), *self.plan.notes]

    def _cure_sentences(self) -> Iterator[Message]:
        text = N_("what would bring grid {grid_code} into the range: {cure}")
        for grid, cures in self.cures.items():
            code = self.grids["grid_code"].iloc[grid]
            yield from (Message(text, {"grid_code": code, "cure": cure.text}) for cure in cures)

    def summary(self) -> list[Message]:
        """Return sentences on the input, on estimates and assumptions about it, and on the grids."""
        return [
            Message(N_("communities: {communities}, buildings: {buildings}, households: {households}"), self._sizes()),
            *filter(None, [estimate_sentence(self.town)]),
            *warning_sentences(self.town.warnings),
            *self._load_sentences(),
            self._grids_sentence(),
            *self._micro_grids_sentences(),
            *self._cut_sentences(),
        ]

    @cached_property
    def cut_groups(self) -> list[CutGroup]:
        """Return the estates, courtyards and resident groups in several grids."""
        grid_of_building = self.plan.grid_of_cell[self.land.cell_of_building]
        return list_cut_groups(self.town, grid_of_building, self.settings.profile.maximum, self.resident_groups)

    def _cut_sentences(self) -> Iterator[Message]:
        text = N_(
            "estates, courtyards and resident groups in several grids: {count}, of which in more than their households"
            " need: {avoidable}"
        )
        if self.cut_groups:
            avoidable = sum(group.is_avoidable for group in self.cut_groups)
            yield Message(text, {"count": len(self.cut_groups), "avoidable": avoidable})

    def _load_sentences(self) -> Iterator[Message]:
        if self.town.load:
            total = int(self.town.loads.sum())
            text = N_("load: {load}, {total} in all; where reasons speak of households, they count this load")
            yield Message(text, {"load": self.town.load, "total": total})

    def _micro_grids_sentences(self) -> Iterator[Message]:
        if self.micro_grids is not None:
            grids = self.micro_grids[self.micro_grids["kind"] == GridKind.HOUSEHOLD]
            counts = {"grids": len(grids), "in_range": int((grids["status"] == GridStatus.IN_RANGE).sum())}
            yield Message(N_("micro-grids: {grids}, of which in range {in_range}"), counts)

    def _grids_sentence(self) -> Message:
        counts = self._household_grids["status"].value_counts()
        values = {
            "grids": len(self.grids),
            "dedicated": len(self.grids) - len(self._household_grids),
            **{str(status): int(counts.get(status, 0)) for status in GridStatus},
        }
        return Message(
            N_("grids: {grids}, of which in range {in_range}, under {under}, over {over}, dedicated {dedicated}"),
            values,
        )

    def _sizes(self) -> dict[str, int]:
        town = self.town
        households = int(town.buildings["households"].sum())
        return {"communities": len(town.communities), "buildings": len(town.buildings), "households": households}

    def as_json(self) -> dict[str, object]:
        """Return all figures and exceptions as plain values."""
        profile = self.settings.profile
        return {
            "gridmap": __version__,
            "town": self.town.name,
            **self._sizes(),
            **estimate_totals(self.town),
            **({"load": {"columns": self.town.load, "total": int(self.town.loads.sum())}} if self.town.load else {}),
            "profile": asdict(profile),
            "weights": self.settings.weights.as_json(),
            "seed": self.settings.seed,
            "measures": {measure.key: measure.version for measure in MEASURES},
            "summary": self._summary_values(),
            "borders_m": self._border_lengths_m(),
            "exceptions": [self._exception_values(row) for row in self._exception_rows()],
            "cut_groups": [self._cut_values(each) for each in self.cut_groups],
            "certificates": [self._certificate_values(each) for each in self.plan.certificates],
            "notes": [self._sentence_values(note) for note in self.plan.notes],
            **warning_values(self.town.warnings, self.language),
            "grids": self._grid_rows(self.grids),
            **({} if self.micro_grids is None else {"micro_grids": self._grid_rows(self.micro_grids)}),
            "steps": self.clock.steps,
            "peak_memory_mib": self._peak_memory_mib,
        }

    @cached_property
    def _peak_memory_mib(self) -> int:
        """Return the peak memory, measured once, so that file and terminal show the same."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB

    def _exception_rows(self) -> list[dict[str, object]]:
        columns = ["grid_code", "community_code", "kind", "households", "status", "reason"]
        grids = self.grids[self.grids["reason"].notna()].sort_values("grid_code")
        return list(grids[columns].to_dict("records"))

    def _exception_values(self, row: dict[str, object]) -> dict[str, object]:
        reason = row.pop("reason")
        return row | self._sentence_values(reason) if isinstance(reason, Message) else row

    def _certificate_values(self, certificate: ExceptionCertificate) -> dict[str, object]:
        """Return a proof with the buildings of each atom, in the form that the guide describes."""
        profile = self.settings.profile_of(int(self.plan.community[certificate.grid]))
        cells, ids = self.land.cell_of_building, self.town.buildings["building_id"].to_numpy()
        return {
            "grid_code": self.grids["grid_code"].iloc[certificate.grid],
            "minimum": profile.minimum,
            "maximum": profile.maximum,
            "atoms": [
                {
                    "households": node.households,
                    "in_core": node.is_core,
                    "buildings": [str(each) for each in ids[np.isin(cells, node.members)]],
                }
                for node in certificate.nodes
            ],
            "links": [list(link) for link in certificate.links],
            "cures": [
                {"kind": str(cure.kind), "households": cure.households, **self._sentence_values(cure.text)}
                for cure in self.cures.get(certificate.grid, ())
            ],
        }

    def _cut_values(self, group: CutGroup) -> dict[str, object]:
        codes = self.grids["grid_code"]
        parts = sorted((str(codes.iloc[grid]), households) for grid, households in group.parts.items())
        return {
            "kind": str(group.kind),
            "name": group.name,
            "community_code": self.town.communities["code"].iloc[group.community],
            "households": group.households,
            "least_grids": group.least_grids,
            "grids": [{"grid_code": code, "households": households} for code, households in parts],
        }

    def _sentence_values(self, message: Message) -> dict[str, object]:
        return {"reason": translate(message, self.language), **message_to_json(message)}

    def _summary_values(self) -> dict[str, object]:
        household = self._household_grids
        counts = household["load" if self.town.load else "households"]
        return {
            "grids": len(self.grids),
            "household_grids": len(household),
            "in_range": int((household["status"] == GridStatus.IN_RANGE).sum()),
            "out_of_range": self.out_of_range,
            "minimum_households": int(counts.min()) if len(counts) else 0,
            "maximum_households": int(counts.max()) if len(counts) else 0,
            "mean_distance_from_target": float((counts - self.settings.profile.target).abs().mean() or 0.0),
            "mean_polsby_popper": float(self.grids["polsby_popper"].mean()),
        }

    def _border_lengths_m(self) -> dict[str, float]:
        """Return the length of borders between grids of one community, by kind of border."""
        borders, grid_of_cell = self.land.borders, self.plan.grid_of_cell
        left, right = grid_of_cell[borders.left], grid_of_cell[borders.right]
        between_grids = (left != right) & (self.plan.community[left] == self.plan.community[right])
        lengths = borders.length[between_grids].sum(axis=0)
        return {kind.name.lower(): round(float(lengths[kind]), 1) for kind in BorderKind}

    def _grid_rows(self, grids: gpd.GeoDataFrame) -> list[dict[str, object]]:
        extents = [translate(extent, self.language) for extent in grids["extent"]]
        rows = grids.drop(columns=["geometry", "outline", "reason"]).assign(extent=extents)
        rows = rows.sort_values("grid_code")
        return [{key: _round_float(value) for key, value in row.items()} for row in rows.to_dict("records")]


def _round_float(value: object) -> object:
    """Round numbers to three decimals, which is enough for lengths and ratios."""
    return round(float(value), 3) if isinstance(value, float | np.floating) else value
