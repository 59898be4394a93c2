"""Fields and kinds of sheets: one specification for reading, checks, templates, marked copies and documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gridmap.core.field_lengths import MAX_NAME_LETTERS
from gridmap.core.vocabulary import Role
from gridmap.formats.package.layer_schemas import LayerSchema


class FieldType(StrEnum):
    """Type of the values of a field."""

    TEXT = "text"
    CODE = "code"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    COUNT = "count"
    NUMBER = "number"
    YEAR = "year"
    DATE = "date"
    TIME = "time"
    KIND = "kind"
    FLAG = "flag"


@dataclass(frozen=True)
class SheetField:
    """Field of a sheet.

    Parameters
    ----------
    name : str
        Name in code and of ``--column``.
    title : str
        Chinese header of the template.
    note : str
        Sentence about the field, marked for translation; the template has it in Chinese.
    field_type : FieldType
    synonyms : tuple of str
        Other headers, compared as `gridmap.formats.readers.headers.fold_header` says.
    required : bool
        Whether every row needs a value.
    minimum, maximum : float
        Smallest and largest number.
    max_letters : int
        Longest text.
    kinds : mapping
        For kinds: every accepted spelling with its word; the first spelling of each word is the one of the template.
    labels : mapping
        Words of kinds as they are shown, marked for translation; by default their first spelling.
    default : object
        Value of an empty cell.
    example : str
    is_personal : bool
        Whether its values are masked where they are shown.
    is_hidden : bool
        Whether they are masked whole: their first letter tells too much.
    """

    name: str
    title: str
    note: str = ""
    field_type: FieldType = FieldType.TEXT
    synonyms: tuple[str, ...] = ()
    required: bool = False
    minimum: float = 0.0
    maximum: float = 1e9
    max_letters: int = MAX_NAME_LETTERS
    kinds: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    default: object = None
    example: str = ""
    is_personal: bool = False
    is_hidden: bool = False

    @property
    def choices(self) -> list[str]:
        """Return the words of the template for a kind: the first spelling of each."""
        first: dict[str, str] = {}
        for spelling, word in self.kinds.items():
            first.setdefault(word, spelling)
        return list(first.values())


@dataclass(frozen=True)
class SheetKind:
    """Kind of sheets.

    Parameters
    ----------
    name : str
        Name in code, commands and addresses.
    title : str
        English name, marked for translation.
    sheet_title : str
        Chinese name of the template's sheet.
    fields : tuple of SheetField
    roles : tuple of Role
        Roles that import it; the owner's commands import everything.
    whole_subdistrict : bool
        Whether an account needs a scope that covers the whole subdistrict: its keys may belong to rows of others.
    layer : LayerSchema, optional
        Layer of shapes that its rows are read from; without it, they are rows of a sheet.
    no_undo : str
        Why an import of it is not undone, and what to do instead, marked for translation; empty where it can be undone.
    next_step : str
        What to do after an import, marked for translation; empty where nothing is left to do.
    """

    name: str
    title: str
    sheet_title: str
    fields: tuple[SheetField, ...]
    roles: tuple[Role, ...]
    whole_subdistrict: bool = False
    layer: LayerSchema | None = None
    no_undo: str = ""
    next_step: str = ""

    @property
    def synonyms(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the fields, each with its title and synonyms."""
        return {each.name: (each.title, *each.synonyms) for each in self.fields}

    def title_of(self, name: str) -> str:
        """Return the Chinese header of a field."""
        return next((each.title for each in self.fields if each.name == name), name)
