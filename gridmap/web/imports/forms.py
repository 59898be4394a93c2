"""Forms of imports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, DateField, FileField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.services.imports.drafts.drafts import ApplyChoice, Decision, ReadingChoice, ShownDraft
from gridmap.services.imports.drafts.uploads import SheetKind, SubdistrictRow
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.params import parse_id

AUTOMATIC, LEFT_OUT, CHOSEN = "automatic", "none", "="
"""Values of the choice of a column; a header follows the last one."""
AUTOMATIC_LABEL = N_("recognised: {header}")
NOTHING_LABEL = N_("no column recognised")
LEFT_OUT_LABEL = N_("read no column")
STATED_COORDINATES = N_("what the file says")
NO_FILE = N_("Choose a file.")
COLUMN_PREFIX = "column_"
DECISION_PREFIX = "decision-"
DECISIONS: Mapping[str, Decision] = {"take": "take", "keep": "keep"}
MAX_NAME_LETTERS = 200
MAX_ENCODING_LETTERS = 40


class UploadForm(BaseForm):
    """Sheet to import."""

    subdistrict_id = SelectField(N_("Subdistrict"), [InputRequired()], choices=[])
    kind = SelectField(N_("What is in the sheet?"), [InputRequired()], choices=[])
    source = StringField(
        N_("Where does it come from?"), [InputRequired(), Length(max=MAX_SOURCE_LETTERS), PlainWords()]
    )
    as_of = DateField(N_("Day that it describes"), [Optional()], render_kw={"max": "9999-12-31"})
    file = FileField(N_("File"), [InputRequired(NO_FILE)])
    request_key = HiddenField()

    def set_choices(self, subdistricts: Iterable[SubdistrictRow], kinds: Iterable[SheetKind]) -> None:
        """Set the places and kinds to choose from."""
        self.subdistrict_id.choices = [SelectChoice(str(each.id), each.name) for each in subdistricts]
        self.kind.choices = [SelectChoice(kind.name, Message(kind.title)) for kind in kinds]


class DraftVersionForm(BaseForm):
    """Button that belongs to a version of a draft."""

    id_prefix = "discard"
    version = HiddenField()

    @property
    def draft_version(self) -> int:
        """Return the version of the draft that the page showed; 0 where it is none."""
        return parse_id(self.version.data) or 0


class ApplyForm(DraftVersionForm):
    """Choice of what is imported."""

    id_prefix = "apply"
    good_rows_only = BooleanField(N_("Import the rows without faults, and leave the others out"))
    end_gone = BooleanField(N_("End what no longer appears, on the day of the sheet"))

    def to_choice(self) -> ApplyChoice:
        """Return what was chosen."""
        return ApplyChoice(bool(self.good_rows_only.data), bool(self.end_gone.data))


class DecisionsForm(DraftVersionForm):
    """Decisions about contradictions: a radio field for each row, or one button for all."""

    id_prefix = "decisions"

    @staticmethod
    def read_decisions(fields: Mapping[str, str], keys: Iterable[str]) -> dict[str, Decision]:
        """Return the decisions that were sent; ``all`` decides every row.

        Examples
        --------
        >>> DecisionsForm.read_decisions({"decision-shop-7": "take", "decision-shop-8": ""}, ["shop-7", "shop-8"])
        {'shop-7': 'take'}
        >>> DecisionsForm.read_decisions({"all": "keep"}, ["shop-7", "shop-8"])
        {'shop-7': 'keep', 'shop-8': 'keep'}
        """
        sent = {key: fields.get("all") or fields.get(f"{DECISION_PREFIX}{key}", "") for key in keys}
        return {key: DECISIONS[word] for key, word in sent.items() if word in DECISIONS}


class UndoForm(BaseForm):
    """Undo of an import."""

    request_key = HiddenField()


class ColumnsForm(DraftVersionForm):
    """Columns, sheet and encoding that a file is read with; `make_columns_form` adds a field for each column."""

    id_prefix = "columns"
    sheet = StringField(N_("Sheet of the workbook"), [Length(max=MAX_NAME_LETTERS)])
    encoding = StringField(N_("Encoding of the texts"), [Length(max=MAX_ENCODING_LETTERS)])
    coordinates = SelectField(N_("Coordinates"), choices=[], default="")

    def column_fields(self) -> Iterator[SelectField]:
        """Yield the fields of columns in the order of the kind."""
        yield from (field for field in self if field.short_name.startswith(COLUMN_PREFIX))

    def to_choice(self) -> ReadingChoice:
        """Return what was chosen."""
        chosen = {
            field.short_name.removeprefix(COLUMN_PREFIX): field.data.removeprefix(CHOSEN)
            for field in self.column_fields()
            if field.data.startswith(CHOSEN)
        }
        left_out = {
            field.short_name.removeprefix(COLUMN_PREFIX): "" for field in self.column_fields() if field.data == LEFT_OUT
        }
        texts = (each.data or None for each in (self.sheet, self.encoding, self.coordinates))
        return ReadingChoice({**chosen, **left_out}, *texts)


def make_columns_form(shown: ShownDraft, *, formdata: Any = None) -> ColumnsForm:
    """Return the form of the columns of a draft, with what was chosen last, or with what was sent."""
    found = {each.field: each.header for each in shown.preview.columns} if shown.preview else {}
    headers = shown.preview.headers if shown.preview else []
    fields = {
        f"{COLUMN_PREFIX}{each.name}": SelectField(
            each.title, choices=_column_choices(headers, found.get(each.name)), default=AUTOMATIC
        )
        for each in shown.kind.fields
    }
    form_class = type("DraftColumnsForm", (ColumnsForm,), fields)
    draft = shown.draft
    values = {name: getattr(draft, name) or "" for name in ("sheet", "encoding", "coordinates")}
    form: ColumnsForm = form_class(
        formdata, version=str(draft.version), **values, **_chosen_columns(draft.headers, headers)
    )
    form.coordinates.choices = [
        SelectChoice("", Message(STATED_COORDINATES)),
        *(SelectChoice(key, words) for key, words in shown.coordinate_choices),
    ]
    return form


def _column_choices(headers: Sequence[str], recognised: str | None) -> list[SelectChoice]:
    label = Message(AUTOMATIC_LABEL, {"header": recognised}) if recognised else Message(NOTHING_LABEL)
    named = [SelectChoice(CHOSEN + header, header) for header in headers]
    return [SelectChoice(AUTOMATIC, label), *named, SelectChoice(LEFT_OUT, Message(LEFT_OUT_LABEL))]


def _chosen_columns(chosen: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    return {
        f"{COLUMN_PREFIX}{name}": CHOSEN + header if header else LEFT_OUT
        for name, header in chosen.items()
        if not header or header in headers
    }
