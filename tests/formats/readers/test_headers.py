"""Comparison of headers with the names of fields and their synonyms."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.formats.package.column_names import COLUMN_SYNONYMS
from gridmap.formats.package.stated_columns import SCHEMAS
from gridmap.formats.readers.headers import MatchKind, StatedHeader, fold_header, match_headers

FULL_WIDTH = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
KNOWN_HEADERS = [
    (layer, field, synonym)
    for layer, columns in COLUMN_SYNONYMS.items()
    for field, synonyms in columns.items()
    for synonym in synonyms
]


def choose(layer: str, *headers: str) -> dict[str, str]:
    """Return the headers that are chosen for the fields of a layer."""
    return dict(match_headers(headers, SCHEMAS[layer].fields).headers)


@st.composite
def written_otherwise(draw: st.DrawFn, header: str) -> str:
    """Draw a spelling of a header in any mixture of case, width, blanks and marks, perhaps with a unit."""
    letters: list[str] = []
    for letter in header:
        letters.append(draw(st.sampled_from([letter.upper(), letter.lower(), FULL_WIDTH.get(letter, letter)])))
        letters.append(draw(st.sampled_from(["", "", "", " ", "_", "-", "　"])))
    return "".join(letters) + draw(st.sampled_from(["", "（户）", "(户)", "*", "：", "(必填)", "\n"]))


@given(known=st.sampled_from(KNOWN_HEADERS), data=st.data())
def test_every_spelling_of_a_known_header_is_read_as_its_field(
    known: tuple[str, str, str], data: st.DataObject
) -> None:
    layer, field, synonym = known
    header = data.draw(written_otherwise(synonym))
    assert choose(layer, header) == {field: header}


@pytest.mark.parametrize(
    ("layer", "header", "field"),
    [
        ("buildings", "小区", "estate"),
        ("buildings", "小区名称", "estate"),
        ("buildings", "楼栋编号", "building_id"),
        ("buildings", "BLDG_ID", "building_id"),
        ("buildings", "户数（户）", "households"),
        ("buildings", "居民户数", "households"),
        ("buildings", "HOUSEHOLD", "households"),
        ("buildings", "Households", "households"),
        ("buildings", "HH", "households"),
        ("buildings", "building:levels", "levels"),
        ("buildings", "楼层", "levels"),
        ("buildings", "楼院", "courtyard"),
        ("buildings", "详细地址", "address"),
        ("buildings", "房屋用途", "use"),
        ("communities", "社区名称", "name"),
        ("communities", "NAME", "name"),
        ("communities", "社区编码", "code"),
        ("grids", "网格编号", "grid_code"),
        ("grids", "所属社区", "community_code"),
        ("streets", "道路名称", "name"),
        ("streets", "highway", "kind"),
        ("incidents", "发生时间", "occurred_at"),
        ("incidents", "办结时间", "closed_at"),
        ("incidents", "类别", "category"),
        ("incidents", "编号", "number"),
        ("shops", "店名", "name"),
        ("resident_groups", "居民小组", "name"),
    ],
)
def test_headers_of_offices_are_read(layer: str, header: str, field: str) -> None:
    assert choose(layer, header) == {field: header}


@pytest.mark.parametrize(
    ("layer", "header"),
    [
        ("buildings", "户籍户数"),
        ("buildings", "户数（估算）"),
        ("buildings", "人数"),
        ("incidents", "上报时间"),
        ("streets", "街道"),
        ("grids", "community_c"),
    ],
)
def test_headers_that_mean_something_else_are_left(layer: str, header: str) -> None:
    assert choose(layer, header) == {}


@pytest.mark.parametrize(
    ("headers", "chosen"),
    [
        (["户数", "households"], "households"),
        (["户数", "HOUSEHOLDS"], "HOUSEHOLDS"),
        (["HOUSEHOLDS", "households"], "households"),
        (["居民户", "户数"], "户数"),
    ],
)
def test_a_name_counts_more_than_a_synonym(headers: Sequence[str], chosen: str) -> None:
    assert choose("buildings", *headers) == {"households": chosen}


@pytest.mark.parametrize("headers", [["户数", "居民户数"], ["Households", "HOUSEHOLDS"], ["户数", "户 数"]])
def test_nothing_is_chosen_among_headers_that_are_equally_alike(headers: Sequence[str]) -> None:
    matches = match_headers(headers, SCHEMAS["buildings"].fields)
    assert (matches.headers, matches.ambiguous) == ({}, {"households": headers})


@pytest.mark.parametrize(
    ("layer", "header", "field"),
    [
        ("buildings", "building_i", "building_id"),
        ("buildings", "BUILDING_I", "building_id"),
        ("buildings", "楼栋编", "building_id"),
        ("buildings", "楼栋编\ufffd", "building_id"),
        ("buildings", "居民小区名", "estate"),
        ("buildings", "building_l", "levels"),
        ("grids", "community_", "community_code"),
    ],
)
def test_names_cut_at_ten_bytes_are_read(layer: str, header: str, field: str) -> None:
    assert choose(layer, header) == {field: header}


def test_a_cut_name_counts_less_than_a_whole_one() -> None:
    matches = match_headers(["楼栋编", "楼号"], SCHEMAS["buildings"].fields)
    assert matches.headers == {"building_id": "楼号"}
    assert matches.kinds == {"building_id": MatchKind.SYNONYM}


def test_a_header_that_a_person_names_holds_and_is_read_as_nothing_else() -> None:
    stated = [StatedHeader("name", "楼号", is_required=True), StatedHeader("estate", "楼号", is_required=True)]
    matches = match_headers(["楼号", "名称", "小区"], SCHEMAS["buildings"].fields, stated)
    assert matches.headers == {"name": "楼号", "estate": "楼号"}


@pytest.mark.parametrize(("is_required", "missing"), [(True, {"households": "户口"}), (False, {})])
def test_a_named_header_is_missing_only_where_its_layer_is_named(is_required: bool, missing: dict[str, str]) -> None:
    stated = [StatedHeader("households", "户口", is_required=is_required)]
    assert match_headers(["户籍户数"], SCHEMAS["buildings"].fields, stated).missing == missing


def test_an_empty_header_leaves_a_field_out() -> None:
    stated = [StatedHeader("kind", "", is_required=True)]
    assert match_headers(["类型", "kind"], SCHEMAS["streets"].fields, stated).headers == {}


@pytest.mark.parametrize("layer", SCHEMAS)
def test_no_word_means_two_fields_of_a_layer(layer: str) -> None:
    words = [
        fold_header(word)
        for field, synonyms in SCHEMAS[layer].fields.items()
        for word in dict.fromkeys([field, *synonyms])
    ]
    assert len(words) == len(set(words))


def test_synonyms_are_those_of_known_layers_and_columns() -> None:
    assert all(set(columns) <= set(SCHEMAS[layer].fields) for layer, columns in COLUMN_SYNONYMS.items())
