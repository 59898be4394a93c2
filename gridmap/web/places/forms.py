"""Forms of places; each asks where the values come from and for which day they hold."""

from collections.abc import Iterable, Sequence
from datetime import date

from wtforms import DateField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.addresses.building_index import BuildingCandidate
from gridmap.core.errors import N_, Message
from gridmap.core.facilities.place_kinds import PlaceKind
from gridmap.core.field_lengths import MAX_ADDRESS_LETTERS, MAX_NAME_LETTERS
from gridmap.core.vocabulary import CandidateReason
from gridmap.services.places.places import PlaceRequest
from gridmap.web.forms import PlainWords, RadioField, SelectField
from gridmap.web.homes.forms import DATE_ATTRIBUTES, OriginForm
from gridmap.web.language import current_language
from gridmap.web.params import parse_id

MAX_POINT_LETTERS = 200
REASON_LABELS = {
    CandidateReason.SEVERAL: N_("same words"),
    CandidateReason.SAME_ESTATE: N_("same estate"),
    CandidateReason.SIMILAR_ADDRESS: N_("similar address"),
    CandidateReason.SAME_NUMBER: N_("same number"),
}
CANDIDATE = N_("{building} ({reason})")


class PlaceValuesForm(OriginForm):
    """Kind, name, address and point of a place."""

    kind = SelectField(N_("Kind"), [InputRequired()])
    name = StringField(N_("Name of the place"), [Length(max=MAX_NAME_LETTERS), PlainWords()])
    address = StringField(N_("Address"), [Length(max=MAX_ADDRESS_LETTERS), PlainWords()])
    building_id = RadioField(N_("Building that is meant"), validate_choice=False)
    shape = StringField(N_("Place on the map"), [Length(max=MAX_POINT_LETTERS)])

    def set_kinds(self, kinds: Iterable[PlaceKind], stored: str | None = None) -> None:
        """Set the kinds to choose from, by group; a stored kind that the catalogue does not have is kept."""
        position = 1 if current_language() == "en" else 0
        groups: dict[str, list[SelectChoice]] = {}
        for kind in kinds:
            groups.setdefault(kind.group.names[position], []).append(SelectChoice(kind.key, kind.names[position]))
        known = {choice.value for choices in groups.values() for choice in choices}
        if stored is not None and stored not in known:
            groups.setdefault(stored, []).append(SelectChoice(stored, stored))
        self.kind.choices = groups

    def set_candidates(self, candidates: Sequence[BuildingCandidate] = ()) -> None:
        """Set the buildings that the address may mean."""
        self.building_id.choices = [
            SelectChoice(
                str(each.building.id),
                Message(CANDIDATE, {"building": each.building.title(), "reason": Message(REASON_LABELS[each.reason])}),
            )
            for each in candidates
        ]

    def day(self) -> date | None:
        """Return the day of the form that `PlaceRequest` has; None here."""
        return None

    def to_request(self) -> PlaceRequest:
        """Return what was filled in."""
        texts = self.name.data or "", self.address.data or "", self.shape.data or ""
        return PlaceRequest(self.kind.data or "", *texts, parse_id(self.building_id.data), self.day())


class NewPlaceForm(PlaceValuesForm):
    """A new place, from a day on."""

    first = DateField(N_("First day"), [Optional()], render_kw=DATE_ATTRIBUTES)

    def day(self) -> date | None:
        """Return the first day."""
        day: date | None = self.first.data
        return day


class PlaceChangeForm(PlaceValuesForm):
    """The same of a stored place, with the version that the page showed, and the day on which it moved."""

    version = HiddenField(None, [InputRequired()])
    moved = DateField(N_("Moved there on"), [Optional()], render_kw=DATE_ATTRIBUTES)

    def day(self) -> date | None:
        """Return the day on which it moved."""
        day: date | None = self.moved.data
        return day

    def version_number(self) -> int:
        """Return the version; -1, which no place has, where it is no number."""
        number = parse_id(self.version.data)
        return -1 if number is None else number


class PlaceEndForm(OriginForm):
    """Last day of a place."""

    id_prefix = "end"
    version = HiddenField(None, [InputRequired()])
    last = DateField(N_("Last day there"), [InputRequired()], render_kw=DATE_ATTRIBUTES)

    def version_number(self) -> int:
        """Return the version; -1, which no place has, where it is no number."""
        number = parse_id(self.version.data)
        return -1 if number is None else number
