"""Estimate of missing household counts, from file to file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmap import __version__
from gridmap.config import resource_dir
from gridmap.core.array_types import BoolArray
from gridmap.core.errors import N_, Message
from gridmap.core.households.building_kinds import Assumptions, BuildingKind, ShapeRules
from gridmap.core.households.estimate import Estimate, estimate_households, sum_household_ranges
from gridmap.core.land.town import Town
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.town import read_town
from gridmap.formats.results.town_rewrite import rewrite_town
from gridmap.services.files.output import refuse_overwriting_sources, write_report
from gridmap.services.operations.error_log import warning_values

COUNT_COLUMNS = ["households", "households_estimated", "households_low", "households_high"]


@dataclass(frozen=True, eq=False)
class EstimateReport:
    """Report of an estimate.

    Parameters
    ----------
    estimate : Estimate
    assumptions : Assumptions
        Assumptions of the estimate.
    kinds : DataFrame
        A row for each kind of building that was estimated: ``kind``, ``buildings``, ``households``, ``gross_area_m2``,
        ``levels_assumed`` (buildings), ``empty`` (share without households, where measured) and ``source``.
    """

    estimate: Estimate
    assumptions: Assumptions
    kinds: pd.DataFrame

    def summary(self) -> list[Message]:
        """Return a sentence on the estimate as a whole, and one for each kind of building."""
        return [
            estimate_sentence(self.estimate.town) or Message(N_("no households are missing")),
            *self._kind_sentences(),
        ]

    def _kind_sentences(self) -> list[Message]:
        inhabited = N_("{kind}: {buildings} buildings, {households} households of {gross_area_m2} m² each")
        empty = N_("{kind}: {buildings} buildings, assumed to have no households")
        rows = self.kinds.assign(gross_area_m2=[f"{area:g}" for area in self.kinds["gross_area_m2"]])
        records = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
        return [Message(inhabited if record["households"] else empty, record) for record in records]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        rows = self.kinds.astype(object).where(self.kinds.notna(), None)
        return {
            "gridmap": __version__,
            "town": self.estimate.town.name,
            **estimate_totals(self.estimate.town),
            "footprint_m2": self.assumptions.footprint_m2,
            "levels": self.assumptions.levels,
            "kinds": rows.to_dict("records"),
            **warning_values(self.estimate.town.warnings, "en"),
        }


def estimate_file(source: SourceLike, target: Path, assumptions: Assumptions) -> EstimateReport:
    """Estimate the missing households of a town package, and write a copy with them.

    Parameters
    ----------
    source : Path or InputSource
        Town package whose column ``households`` may be missing or have gaps.
    target : Path
        GeoPackage to write: every layer of the town, with the columns ``households_estimated``, ``households_low`` and
        ``households_high`` beside ``households``. The report is written beside it, with the suffix ``.json``.
    assumptions : Assumptions
        From `read_assumptions`.

    Returns
    -------
    EstimateReport

    Raises
    ------
    InvalidInput
        If the town cannot be used or estimated, or the file cannot be written. Nothing is left behind then.
    """
    refuse_overwriting_sources(target, source)
    with open_source(source) as opened:
        result = estimate_households(read_town(opened, require_households=False), assumptions)
        report = EstimateReport(result, assumptions, _kind_table(result, assumptions))
        rewrite_town(opened, target, result.town.buildings[COUNT_COLUMNS])
    write_report(target, report.as_json())
    return report


def read_assumptions() -> Assumptions:
    """Read ``data/estimates.toml``.

    Examples
    --------
    >>> read_assumptions().kinds[read_assumptions().kind_index("apartments")].gross_area_m2
    100.0
    """
    values: dict[str, Any] = tomllib.loads((resource_dir("data") / "estimates.toml").read_text("utf-8"))
    kinds = tuple(BuildingKind(**{**kind, "keywords": tuple(kind["keywords"])}) for kind in values["kinds"])
    return Assumptions(
        kinds, ShapeRules(**values["shape"]), tuple(values["residential"]["keywords"]), values["footprint_range_factor"]
    )


def estimate_sentence(town: Town) -> Message | None:
    """Return a sentence on the estimated households of a town, or None if all were counted."""
    text = N_("{estimated_households} of {households} households are estimated; the total is probably {low} to {high}")
    totals = estimate_totals(town)
    values = {**totals, "low": totals["households_low"], "high": totals["households_high"]}
    return Message(text, values) if town.buildings["households_estimated"].any() else None


def estimate_totals(town: Town) -> dict[str, int]:
    """Return the households of a town, the estimated ones among them, and the probable range of the sum."""
    buildings = town.buildings
    counts = buildings[COUNT_COLUMNS[:1] + COUNT_COLUMNS[2:]].to_numpy().T
    low, high = sum_household_ranges(tuple(counts), np.zeros(len(buildings), dtype=np.int64), 1)
    return {
        "buildings": len(buildings),
        "households": int(buildings["households"].sum()),
        "estimated_households": int(buildings["households"][buildings["households_estimated"]].sum()),
        "estimated_buildings": int(buildings["households_estimated"].sum()),
        "households_low": int(low[0]),
        "households_high": int(high[0]),
    }


def _kind_table(result: Estimate, assumptions: Assumptions) -> pd.DataFrame:
    rows = [
        _kind_row(kind, result.newly_estimated & (result.kind_index == number), result)
        for number, kind in enumerate(assumptions.kinds)
    ]
    return pd.DataFrame([row for row in rows if row["buildings"]], columns=list(rows[0]))


def _kind_row(kind: BuildingKind, mask: BoolArray, result: Estimate) -> dict[str, object]:
    return {
        "kind": kind.name,
        "buildings": int(mask.sum()),
        "households": int(result.town.buildings["households"][mask].sum()),
        "gross_area_m2": kind.gross_area_m2,
        "levels_assumed": int((result.levels_assumed & mask).sum()),
        "empty": kind.vacant_share,
        "source": kind.source,
    }
