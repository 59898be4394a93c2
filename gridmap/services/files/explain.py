"""Explanation of grids: what their borders follow, and which rule stops a better one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.coverage.repair import repair_grids
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.explanations.border_lengths import FOLLOWED, BorderLength, measure_borders
from gridmap.core.explanations.exchanges import BorderSearch, BorderStudy, Exchange
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.search import build_objective
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.repartition.present_plan import PresentPlan, build_present_atoms
from gridmap.core.vocabulary import GridKind
from gridmap.formats.intake.source_file import SourceLike, open_source
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.results.result_layers import message_to_json
from gridmap.texts import translate

UNKNOWN_GRID = N_("no grid is called {grid}")
BORDER = N_("border with grid {grid}, {metres} m: {kinds}")
OUTER = N_("border with grid {grid} of another community, {metres} m: {kinds}; only the community can change it")
MOVE = N_("moving {given} to grid {grid} would save {gain} m")
TAKE = N_("taking {taken} from grid {grid} would save {gain} m")
SWAP = N_("exchanging {given} for {taken} of grid {grid} would save {gain} m")
STOPPED = N_("{exchange} of border between buildings, but {obstacle}")
ALLOWED = N_("{exchange} of border between buildings, within the rules: a new partition may find it")
NONE_BETTER = N_(
    "no move of a building or courtyard across the border with grid {grid}, and no exchange of two, would shorten"
    " borders: {tried} were tried"
)
BUILDING = N_("{name} ({households} households)")


@dataclass(frozen=True, eq=False)
class GridExplanation:
    """Explanation of one grid.

    Parameters
    ----------
    code : str
    borders : sequence of BorderLength
    studies : dict of int to BorderStudy
        Exchanges with each neighbouring grid of the community.
    """

    code: str
    borders: Sequence[BorderLength]
    studies: dict[int, BorderStudy]


class GridExplainer:
    """Explain the grids of a town.

    Parameters
    ----------
    town : Town
    land : LandCoverage
    present : PresentPlan
        The grids.
    profile : Profile
        The range that they are held to.
    language : str
        Language of the sentences.
    """

    def __init__(self, town: Town, land: LandCoverage, present: PresentPlan, profile: Profile, language: str) -> None:
        self.town, self.land, self.present, self.profile, self.language = town, land, present, profile, language
        self.atoms = build_present_atoms(town, land, present, profile, CostWeights())
        self.grid: IntArray = np.empty(len(self.atoms.households), dtype=np.int64)
        self.grid[self.atoms.atom_of_cell] = present.grid_of_cell

    def explain(self, code: str) -> GridExplanation:
        """Explain the grid of a code; raise `InvalidInput` where there is none."""
        if code not in self.present.codes:
            raise InvalidInput([InputFault(Message(UNKNOWN_GRID, {"grid": code}), layer="grids", value=code)])
        grid = list(self.present.codes).index(code)
        borders = measure_borders(self.land, self.present.grid_of_cell, grid)
        is_household = [kind is GridKind.HOUSEHOLD for kind in self.present.kind]
        neighbours = [each.other for each in borders if each.is_within and is_household[each.other]]
        studies = {other: self._study(grid, other) for other in neighbours} if is_household[grid] else {}
        return GridExplanation(code, borders, studies)

    def _study(self, grid: int, other: int) -> BorderStudy:
        codes = self.present.codes
        households = int(self.atoms.households[np.isin(self.grid, (grid, other))].sum())
        objective = build_objective(self.profile, CostWeights(), households)
        pair = (codes[grid], codes[other])
        return BorderSearch(self.atoms, self.grid, (grid, other), pair, self.profile, objective).study()

    def sentences(self, explained: GridExplanation) -> Iterator[Message]:
        """Yield the sentences on one grid."""
        for border in explained.borders:
            yield from self.border_sentences(explained, border)

    def border_sentences(self, explained: GridExplanation, border: BorderLength) -> Iterator[Message]:
        """Yield the sentences on one border of a grid: what it follows, then what stops a shorter one."""
        yield self._border_sentence(border)
        if border.other in explained.studies:
            yield from self._study_sentences(border.other, explained.studies[border.other])

    def _border_sentence(self, border: BorderLength) -> Message:
        kinds = sorted(border.length_m.items(), key=lambda item: -item[1])
        texts = [translate(Message(FOLLOWED[kind], {"metres": round(metres)}), self.language) for kind, metres in kinds]
        joined = ("，" if self.language.startswith("zh") else ", ").join(texts)
        values = {"grid": self.present.codes[border.other], "metres": round(border.total_m), "kinds": joined}
        return Message(BORDER if border.is_within else OUTER, values)

    def _study_sentences(self, other: int, study: BorderStudy) -> Iterator[Message]:
        code = self.present.codes[other]
        if study.allowed is not None:
            yield Message(ALLOWED, {"exchange": self._exchange_phrase(code, study.allowed)})
        elif study.best is not None:
            values = {"exchange": self._exchange_phrase(code, study.best), "obstacle": _first_obstacle(study.best)}
            yield Message(STOPPED, values)
        else:
            yield Message(NONE_BETTER, {"grid": code, "tried": study.tried})

    def _exchange_phrase(self, code: str, exchange: Exchange) -> Message:
        values: dict[str, object] = {"grid": code, "gain": max(round(exchange.gain_m), 0)}
        if exchange.given:
            values["given"] = self._name_atom(exchange.given[0])
        if exchange.taken:
            values["taken"] = self._name_atom(exchange.taken[0])
        return Message(SWAP if exchange.given and exchange.taken else MOVE if exchange.given else TAKE, values)

    def _name_atom(self, atom: int) -> Message:
        """Return an atom by its courtyard, or by its first building."""
        rows = np.flatnonzero(self.atoms.atom_of_cell[self.land.cell_of_building] == atom)
        courtyards = self.town.courtyards
        courtyard = int(courtyards.of_building[rows].max())
        building = self.town.buildings.iloc[rows[0]]
        name = courtyards.names[courtyard] if courtyard >= 0 else building["name"] or str(building["building_id"])
        return Message(BUILDING, {"name": name, "households": int(self.atoms.households[atom])})

    def as_json(self, explained: GridExplanation) -> dict[str, object]:
        """Return the explanation of one grid as plain values."""
        codes = self.present.codes
        return {
            "grid_code": explained.code,
            "borders": [
                {
                    "grid_code": codes[border.other],
                    "same_community": border.is_within,
                    "length_m": {kind.name.lower(): round(metres, 1) for kind, metres in border.length_m.items()},
                    "tried": explained.studies[border.other].tried if border.other in explained.studies else 0,
                }
                for border in explained.borders
            ],
            "sentences": [
                {"text": translate(each, self.language), "template": message_to_json(each)["template"]}
                for each in self.sentences(explained)
            ],
        }


def open_explainer(source: SourceLike, grids_file: SourceLike | None, profile: Profile, language: str) -> GridExplainer:
    """Read a town and its grids, and return what explains them.

    Parameters
    ----------
    source : Path or InputSource
        Town package, or the result of a partition.
    grids_file : Path, InputSource or None
        File with the grids, if they are not in the layer ``grids`` of the package.
    profile : Profile
    language : str

    Raises
    ------
    InvalidInput
        If town or grids cannot be used.
    """
    with open_source(source) as opened:
        town, drawn = read_town_and_grids(opened, grids_file)
    land = build_land(town, drawn=drawn.shapes)
    repaired = repair_grids(town, land, drawn, profile)
    present = PresentPlan(repaired.plan.grid_of_cell, list(repaired.codes), repaired.plan.kind)
    return GridExplainer(town, land, present, profile, language)


def _first_obstacle(exchange: Exchange) -> Message:
    if exchange.obstacles:
        return exchange.obstacles[0]
    return Message(N_("the grids would be farther from the target"))
