"""Form of a step of a case; a page has one for each action that its reader may take."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, MultipleFileField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import CaseAction
from gridmap.services.cases.cases import CandidateRow
from gridmap.services.cases.steps import StepRequest
from gridmap.texts import translate
from gridmap.web.cases.labels import BASIS_LABELS, TEXT_LABELS
from gridmap.web.forms import BaseForm, RadioField, fingerprint_texts
from gridmap.web.language import current_language
from gridmap.web.params import parse_id

PHOTO_TYPES = "image/jpeg,image/png,image/webp"
TEXT_ROWS = 3
CANDIDATE_LABEL = N_("{name} · {reason} · {count} open cases")


class StepForm(BaseForm):
    """Step of a case: its text, the worker or the other incident, and photos."""

    action = HiddenField(None, [InputRequired()])
    version = HiddenField(None, [InputRequired()])
    numbers_confirmed = HiddenField()
    text = TextAreaField(N_("What is to be noted?"), render_kw={"rows": TEXT_ROWS})
    worker = RadioField(N_("Who gets it?"), validate_choice=False, choices=[])
    duplicate_number = StringField(N_("Number of the other incident"))
    photos = MultipleFileField(N_("Photos"), render_kw={"accept": PHOTO_TYPES})

    def __init__(self, action: CaseAction, **values: Any) -> None:
        super().__init__(**values)
        self.action.data = action.value
        self.text.label.text = TEXT_LABELS.get(action, self.text.label.text)
        self.text.flags.required = True
        for field in self:
            field.id = field.label.field_id = f"{action}-{field.short_name}"

    def set_candidates(self, candidates: Sequence[CandidateRow]) -> None:
        """Set the workers who may get the case; the first choice is chosen."""
        self.worker.choices = [SelectChoice(str(each.worker_id), _describe(each)) for each in candidates]
        if self.worker.data is None and candidates:
            self.worker.data = str(candidates[0].worker_id)

    def to_request(self, incident_id: int, action: CaseAction) -> StepRequest:
        """Return the step that was asked for."""
        version = parse_id(self.version.data)
        return StepRequest(
            incident_id,
            -1 if version is None else version,
            action,
            self.text.data or "",
            parse_id(self.worker.data),
            self.duplicate_number.data or "",
            self.numbers_confirmed.data == self.text_fingerprint,
        )

    def uploads(self) -> Sequence[FileStorage]:
        """Return the photos that were chosen."""
        return [each for each in self.photos.data or () if isinstance(each, FileStorage) and each.filename]

    @property
    def text_fingerprint(self) -> str:
        """Hash of the text that a confirmation is for; another text needs a new one."""
        return fingerprint_texts(self.text.data)


def _describe(candidate: CandidateRow) -> Message:
    reason = translate(BASIS_LABELS[candidate.basis], current_language())
    return Message(CANDIDATE_LABEL, {"name": candidate.name, "reason": reason, "count": candidate.open_cases})
