"""Choice of the columns of a layer: by the headers that a person names, by name or by synonym; never among several."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gridmap.core.errors import N_, InputFault
from gridmap.formats.readers.headers import Fields, HeaderMatches, MatchKind, match_headers
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.row_faults import FaultTemplate, format_value, make_fault

OTHER_WORDS = (MatchKind.STATED, MatchKind.SYNONYM, MatchKind.CUT_SYNONYM)

SEVERAL_COLUMNS = FaultTemplate(
    N_("several columns may be {field}: {headers}"),
    N_("one column"),
    N_("choose one: --column {field}={header}"),
)
NO_STATED_COLUMN = FaultTemplate(
    N_("there is no column {header}, which --column names for {field}"), N_("one of the columns found: {found}")
)
READ_BY_OTHER_NAMES = FaultTemplate(N_("columns are read by other names: {columns}"))


@dataclass(frozen=True)
class ColumnChoice:
    """Columns of a layer that were chosen.

    Parameters
    ----------
    found : tuple of str
        All headers of the layer.
    headers : mapping
        Fields with their headers.
    kinds : mapping
        Likeness of each of these headers.
    faults : mapping
        Fields for which no header can be chosen, with the faults.
    notes : tuple of InputFault
        One warning that says which columns are read by other names, if there are any.
    """

    found: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, MatchKind] = field(default_factory=dict)
    faults: Mapping[str, InputFault] = field(default_factory=dict)
    notes: tuple[InputFault, ...] = ()

    def other_words(self) -> dict[str, str]:
        """Return the fields whose headers are other words than their names."""
        return _other_words(self.headers, self.kinds)

    def unused(self) -> list[str]:
        """Return the headers that no field was read from."""
        used = set(self.headers.values())
        return [header for header in self.found if header not in used]


def choose_columns(layer_source: LayerSource, headers: Iterable[str], fields: Fields) -> ColumnChoice:
    """Choose the column of each field.

    Parameters
    ----------
    layer_source : LayerSource
        The layer, with the headers that the person who reads it names.
    headers : iterable of str
        Headers of the layer; an empty one is none.
    fields : mapping
        Fields of the layer with their synonyms.
    """
    found = tuple(header for header in headers if header)
    matches = match_headers(found, fields, layer_source.stated_headers)
    words = _other_words(matches.headers, matches.kinds)
    return ColumnChoice(
        found, matches.headers, matches.kinds, _faults(layer_source, found, matches), _notes(layer_source, words)
    )


def _other_words(headers: Mapping[str, str], kinds: Mapping[str, MatchKind]) -> dict[str, str]:
    return {name: header for name, header in headers.items() if kinds[name] in OTHER_WORDS and header != name}


def _faults(layer_source: LayerSource, found: Sequence[str], matches: HeaderMatches) -> dict[str, InputFault]:
    faults = {}
    for name, headers in matches.ambiguous.items():
        shown = " / ".join(map(format_value, headers))
        values = {"field": name, "headers": shown, "header": format_value(headers[0])}
        faults[name] = make_fault(layer_source.location, SEVERAL_COLUMNS, column=name, placeholders=values)
    for name, header in matches.missing.items():
        values = {"field": name, "header": header, "found": ", ".join(map(format_value, found)) or "–"}
        faults[name] = make_fault(layer_source.location, NO_STATED_COLUMN, column=name, placeholders=values)
    return faults


def _notes(layer_source: LayerSource, words: Mapping[str, str]) -> tuple[InputFault, ...]:
    if not words:
        return ()
    columns = ", ".join(f"{format_value(header)} → {name}" for name, header in words.items())
    return (make_fault(layer_source.location, READ_BY_OTHER_NAMES, placeholders={"columns": columns}),)
