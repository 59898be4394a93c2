"""Communities and the subdistrict that rows name, by statistical code or by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridmap.core.codes import COMMUNITY_DIGITS, find_code_problem
from gridmap.core.errors import N_, Message
from gridmap.core.text_comparison import fold_text
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.store.queries.imports.places import NamedPlace, list_communities, list_communities_of_buildings
from gridmap.store.queries.territory import find_subdistrict

NO_COMMUNITY = N_("no community has the code or name {community}; there are: {known}")
OTHER_COMMUNITY = N_("the sheet says {stated}, and the building is in {found}")
OTHER_SUBDISTRICT = N_("{subdistrict} is another subdistrict than {code} {name}, which the sheet is imported into")
MAX_LISTED = 12


class CommunityIndex:
    """Communities of a subdistrict by code and by folded name.

    Parameters
    ----------
    context : ImportContext
    """

    def __init__(self, context: ImportContext) -> None:
        self._subdistrict_code = context.subdistrict_code
        self.places = list_communities(context.session, context.caller, context.subdistrict_id)
        self._by_code = {each.code: each for each in self.places}
        self._by_name = {_fold_name(each.name or ""): each for each in self.places}

    def find(self, text: str) -> NamedPlace | Message:
        """Return the community of a code or name, or what is wrong with it."""
        found = self._by_code.get(fold_text(text)) or self._by_name.get(_fold_name(text))
        if found is not None:
            return found
        if problem := find_code_problem(text, self._subdistrict_code):
            return problem
        names = [each.name or each.code for each in self.places[:MAX_LISTED]]
        known = "、".join([*names, *(["…"] if len(self.places) > MAX_LISTED else [])])
        return Message(NO_COMMUNITY, {"community": text, "known": known})


def _fold_name(name: str) -> str:
    return fold_text(name).removesuffix("居委会").removesuffix("社区")


def add_subdistrict_problems(context: ImportContext, sheet: SheetRows) -> SheetRows:
    """Return the rows of a sheet with a fault for each that names another subdistrict."""
    stated = sheet.values.get("subdistrict", ())
    own = find_subdistrict(context.session, context.caller, context.subdistrict_id)
    if own is None or not any(stated):
        return sheet
    names = {own.code.ljust(COMMUNITY_DIGITS, "0"), *map(_fold_subdistrict, (own.code, own.name))}
    is_other = {text: not {fold_text(text), _fold_subdistrict(text)} & names for text in {str(each) for each in stated}}
    values = {"code": own.code, "name": own.name}
    problems = [
        RowProblem(row, Message(OTHER_SUBDISTRICT, {"subdistrict": text, **values}), "subdistrict")
        for row, text in enumerate(stated)
        if text is not None and is_other[str(text)]
    ]
    return replace(sheet, problems=tuple(sorted((*sheet.problems, *problems), key=lambda each: each.row)))


def _fold_subdistrict(text: str) -> str:
    """Return the name of a subdistrict without its kind, which people leave out."""
    return fold_text(text).removesuffix("办事处").removesuffix("街道")


def check_communities(
    context: ImportContext, stated: Sequence[object], building_ids: Sequence[int | None]
) -> list[RowProblem]:
    """Return faults of codes that cannot be, and warnings where the building is in another community than stated."""
    if not any(stated):
        return []
    index = CommunityIndex(context)
    names = {each.id: each.name or each.code for each in index.places}
    ids = sorted({each for each in building_ids if each is not None})
    community_of = list_communities_of_buildings(context.session, context.caller, ids)
    found = {text: index.find(text) for text in {str(each) for each in stated if each is not None}}
    checks = ((row, found[str(text)], text, building_ids[row]) for row, text in enumerate(stated) if text is not None)
    return [
        problem
        for row, place, text, building_id in checks
        if (problem := _compare(row, place, str(text), names.get(community_of.get(building_id or 0, 0)), names))
    ]


def _compare(
    row: int, place: NamedPlace | Message, text: str, of_building: str | None, names: Mapping[int, str]
) -> RowProblem | None:
    if isinstance(place, Message):
        return RowProblem(row, place, "community", is_warning=place.template == NO_COMMUNITY)
    if of_building is None or of_building == names[place.id]:
        return None
    message = Message(OTHER_COMMUNITY, {"stated": text, "found": of_building})
    return RowProblem(row, message, "community", is_warning=True)
