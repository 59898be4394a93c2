"""Headers of a file, compared with the names and synonyms of the fields that a layer has."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from gridmap.core.text_comparison import fold_text

SHAPEFILE_NAME_BYTES = 10
CUT_ENCODINGS = ("utf-8", "gb18030")
REPLACEMENT = "\ufffd"
UNIT = re.compile(
    r"\((户|戶|栋|幢|层|層|楼|个|人|米|m|m2|m²|㎡|平方米|元|度|°|必填|选填|可选|households|hh|unit|units|\d+)\)$"
)

Fields = Mapping[str, Sequence[str]]
"""Names of fields, each with its synonyms."""


class MatchKind(IntEnum):
    """Likeness of a header and a field; the smallest one counts."""

    STATED = 0
    EXACT = 1
    NAME = 2
    CUT_NAME = 3
    SYNONYM = 4
    CUT_SYNONYM = 5


@dataclass(frozen=True)
class StatedHeader:
    """Header that the person who reads a file names for a field.

    Parameters
    ----------
    field : str
    header : str
        Empty where no column is to be read as the field.
    is_required : bool
        True if the layer must have the header: the person named the layer.
    """

    field: str
    header: str
    is_required: bool


@dataclass(frozen=True)
class HeaderMatches:
    """Headers found for the fields of a layer.

    Parameters
    ----------
    headers : mapping
        Fields with their headers.
    kinds : mapping
        Likeness of each of these headers.
    ambiguous : mapping
        Fields with several headers that are equally alike.
    missing : mapping
        Fields with a header that was named and that the layer does not have.
    """

    headers: Mapping[str, str]
    kinds: Mapping[str, MatchKind]
    ambiguous: Mapping[str, Sequence[str]]
    missing: Mapping[str, str]


def fold_header(header: str) -> str:
    """Return a header as it is compared: without case, width, blanks, marks, and a unit or number in brackets.

    Examples
    --------
    >>> fold_header("户数（户）"), fold_header("ＢＵＩＬＤＩＮＧ－ＩＤ"), fold_header("building:levels")
    ('户数', 'buildingid', 'buildinglevels')
    """
    text = fold_text(header).casefold().rstrip("*:： ")
    return "".join(letter for letter in UNIT.sub("", text) if letter.isalnum())


def cut_names(name: str) -> set[str]:
    """Return what a Shapefile keeps of a name that is longer than ten bytes, in the encodings it may be in.

    Examples
    --------
    >>> cut_names("building_id"), sorted(cut_names("居民小区名称")), cut_names("户数")
    ({'building_i'}, ['居民小', '居民小区名'], set())
    """
    encoded = {codec: name.encode(codec, errors="ignore") for codec in CUT_ENCODINGS}
    return {
        _fold_lightly(raw[:SHAPEFILE_NAME_BYTES].decode(codec, errors="ignore"))
        for codec, raw in encoded.items()
        if len(raw) > SHAPEFILE_NAME_BYTES
    }


def match_headers(headers: Iterable[str], fields: Fields, stated: Sequence[StatedHeader] = ()) -> HeaderMatches:
    """Find the header of each field.

    Parameters
    ----------
    headers : iterable of str
        All headers of a layer.
    fields : mapping
        Fields of the layer with their synonyms.
    stated : sequence of StatedHeader
        Headers that a person names; they hold, whatever else is alike.

    Returns
    -------
    HeaderMatches
        A header that is like two fields in the same way belongs to neither.

    Examples
    --------
    >>> match_headers(["楼号", "户数（户）", "居民户数"], {"building_id": ["楼号"], "households": ["户数", "居民户数"]})
    HeaderMatches(headers={'building_id': '楼号'}, kinds={'building_id': <MatchKind.SYNONYM: 4>}, \
ambiguous={'households': ['户数（户）', '居民户数']}, missing={})
    """
    known, statements = list(headers), {each.field: each for each in stated if each.field in fields}
    found = {field: find_stated(each.header, known) for field, each in statements.items()}
    settled = {field for field, each in statements.items() if found[field] or each.is_required or not each.header}
    taken = {header for candidates in found.values() for header in candidates}
    others = {field: synonyms for field, synonyms in fields.items() if field not in settled}
    kinds = dict.fromkeys(settled, MatchKind.STATED)
    candidates = {field: found[field] for field in settled if statements[field].header}
    for field, (kind, alike) in _best_headers([each for each in known if each not in taken], others).items():
        candidates[field], kinds[field] = alike, kind
    candidates = {field: candidates[field] for field in fields if field in candidates}
    return HeaderMatches(
        headers={field: alike[0] for field, alike in candidates.items() if len(alike) == 1},
        kinds={field: kinds[field] for field, alike in candidates.items() if len(alike) == 1},
        ambiguous={field: alike for field, alike in candidates.items() if len(alike) > 1},
        missing={field: statements[field].header for field, alike in candidates.items() if not alike},
    )


def find_stated(header: str, headers: Iterable[str]) -> list[str]:
    """Return the header that a person names, or those that are the same but for case, width, blanks and units.

    Examples
    --------
    >>> find_stated("户数", ["户 数（户）", "层数"]), find_stated("HH", ["HH", "hh"]), find_stated("楼", ["楼号"])
    (['户 数（户）'], ['HH'], [])
    """
    known = list(headers)
    if header in known:
        return [header]
    folded = fold_header(header)
    return [each for each in known if folded and fold_header(each) == folded]


def _best_headers(headers: Iterable[str], fields: Fields) -> dict[str, tuple[MatchKind, list[str]]]:
    """Return for each field the headers that are most like it."""
    forms = {field: _FieldForms.of(field, synonyms) for field, synonyms in fields.items()}
    best: dict[str, tuple[MatchKind, list[str]]] = {}
    for header in headers:
        kinds = {field: kind for field, each in forms.items() if (kind := each.likeness(header)) is not None}
        closest = [field for field, kind in kinds.items() if kind == min(kinds.values())]
        if len(closest) == 1:
            _add_candidate(best, closest[0], kinds[closest[0]], header)
    return best


def _add_candidate(best: dict[str, tuple[MatchKind, list[str]]], field: str, kind: MatchKind, header: str) -> None:
    known_kind, alike = best.get(field, (kind, []))
    if kind < known_kind:
        best[field] = (kind, [header])
    elif kind == known_kind:
        best[field] = (kind, [*alike, header])


@dataclass(frozen=True)
class _FieldForms:
    """Forms in which the name and the synonyms of a field are compared."""

    name: str
    folded: str
    cut: frozenset[str]
    synonyms: frozenset[str]
    cut_synonyms: frozenset[str]

    @classmethod
    def of(cls, name: str, synonyms: Sequence[str]) -> "_FieldForms":
        cut = frozenset(form for synonym in synonyms for form in cut_names(synonym))
        return cls(name, fold_header(name), frozenset(cut_names(name)), frozenset(map(fold_header, synonyms)), cut)

    def likeness(self, header: str) -> MatchKind | None:
        if header == self.name:
            return MatchKind.EXACT
        folded, light = fold_header(header), _fold_lightly(header)
        if folded == self.folded:
            return MatchKind.NAME
        checks = (
            (MatchKind.CUT_NAME, light in self.cut),
            (MatchKind.SYNONYM, folded in self.synonyms),
            (MatchKind.CUT_SYNONYM, light in self.cut_synonyms),
        )
        return next((kind for kind, is_alike in checks if is_alike), None)


def _fold_lightly(text: str) -> str:
    """Return a text in half width and lower case; its marks stay, since they count among the bytes of a cut name."""
    return re.sub(r"[\s:.-]", "_", fold_text(text.replace(REPLACEMENT, "")).lower())
