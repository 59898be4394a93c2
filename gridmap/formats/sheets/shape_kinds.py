"""Kinds of imports whose rows have shapes."""

from dataclasses import replace

from gridmap.core.errors import N_
from gridmap.core.field_lengths import MAX_CODE_LETTERS, MAX_GRID_CODE_LETTERS, MAX_NAME_LETTERS
from gridmap.core.kind_labels import STREET_LABELS
from gridmap.core.vocabulary import Role
from gridmap.formats.package.column_names import column_synonyms
from gridmap.formats.package.layer_schemas import COMMUNITIES, GRIDS, LAYERS
from gridmap.formats.sheets.fields import FieldType, SheetField, SheetKind


def _field(layer: str, name: str, title: str, note: str, max_letters: int) -> SheetField:
    return SheetField(name, title, note, FieldType.CODE, column_synonyms(layer, name), max_letters=max_letters)


PRESENT_GRIDS = SheetKind(
    "grids",
    N_("Today's grids"),
    "现有网格",
    (
        _field("grids", "grid_code", "网格编码", N_("Code of the grid; empty for a new one."), MAX_GRID_CODE_LETTERS),
        _field("grids", "code", "编码", N_("Code of the grid, under another header."), MAX_GRID_CODE_LETTERS),
        _field("grids", "name", "网格名称", N_("Name of the grid, where it has one."), MAX_NAME_LETTERS),
        _field(
            "grids",
            "community_code",
            "社区编码",
            N_("Code or name of its community; otherwise the one that it lies in."),
            MAX_CODE_LETTERS,
        ),
    ),
    (Role.PLANNER,),
    layer=GRIDS,
    no_undo=N_(
        "The grids are a draft, and nothing is in force by it: to leave it, go on from the revision before, which is "
        "still there."
    ),
)
STREETS = SheetKind(
    "streets",
    N_("Streets"),
    "道路",
    (
        _field("streets", "name", "道路名称", N_("Name of the street, where it has one."), MAX_NAME_LETTERS),
        replace(
            _field(
                "streets",
                "kind",
                "道路等级",
                N_("Kind: 高速公路, 主干道, 支路 or 街巷, or a word of OpenStreetMap; empty means 支路."),
                MAX_NAME_LETTERS,
            ),
            labels={kind.value: label for kind, label in STREET_LABELS.items()},
        ),
    ),
    (Role.PLANNER,),
    whole_subdistrict=True,
    layer=next(each for each in LAYERS if each.name == "streets"),
    next_step=N_("Cells and grids follow when the land of a community is built anew: ask for it under Plans."),
)
BOUNDARIES = SheetKind(
    "communities",
    N_("Boundaries of communities"),
    "社区边界",
    (
        _field("communities", "code", "社区编码", N_("Code of the community."), MAX_CODE_LETTERS),
        _field("communities", "name", "社区名称", N_("Its name, for you to recognise it."), MAX_NAME_LETTERS),
    ),
    (Role.PLANNER,),
    whole_subdistrict=True,
    layer=replace(
        COMMUNITIES, columns=tuple(replace(each, required=each.name == "code") for each in COMMUNITIES.columns)
    ),
    no_undo=N_(
        "New land holds from the day of the import on, and earlier days keep theirs: to take it back, import the "
        "boundaries before on another day. Boundaries of a first day are changed or deleted on its drawing."
    ),
    next_step=N_(
        "Look at what changed under Plans, on the page of each community; a first day goes on with its drawing."
    ),
)
