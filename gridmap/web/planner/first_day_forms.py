"""Forms of the first day: pictures, their placement, the list of buildings, and building the land."""

import json
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    FloatField,
    HiddenField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.core.geodesy.datums import Datum
from gridmap.core.plans.norm import Norm
from gridmap.core.tracing.placement import ControlPoint, PlacementMethod
from gridmap.services.norms.changes import NormChange
from gridmap.services.tracing.pictures import MAX_POINTS, PlacementRequest, ScaleRequest
from gridmap.services.tracing.tianditu import MapKind, Square, TiandituRequest
from gridmap.web.forms import BaseForm, PlainWords, RadioField, SelectField, new_request_key
from gridmap.web.shared.norm_forms import NormNumbersForm

MAX_LIST_LETTERS = 2_000_000
NO_LIST = N_("Paste the list, or choose a file.")
BAD_POINTS = N_("The control points could not be read. Set them again.")
DATE_REQUIRED = N_("Give the date of the document.")
SAME_PLACE = N_("Click two different places on the picture.")
METHOD_LABELS = {
    PlacementMethod.SIMILARITY: N_("Turn and enlarge: a plan or map to scale, from two points on"),
    PlacementMethod.AFFINE: N_(
        "Stretch as well: a photograph of a wall map, a scan that is askew; from three points on"
    ),
}
DATUM_LABELS = {
    Datum.WGS84: N_("CGCS2000 or WGS 84: Tianditu, GPS"),
    Datum.GCJ02: N_("GCJ-02: Amap, Tencent"),
    Datum.BD09: N_("BD-09: Baidu"),
}

KIND_LABELS = {
    MapKind.IMAGERY: N_("Imagery: photographs from above"),
    MapKind.MAP: N_("Map with names of streets and places"),
}


class PictureForm(BaseForm):
    """Upload of a picture."""

    picture = FileField(N_("Picture"), [InputRequired()])


class TiandituForm(BaseForm):
    """Square that is fetched from Tianditu."""

    kind = RadioField(
        N_("Kind"),
        choices=[SelectChoice(str(kind), Message(label)) for kind, label in KIND_LABELS.items()],
        default=str(MapKind.IMAGERY),
    )
    longitude = FloatField(N_("Longitude of the middle"), [InputRequired(), NumberRange(-179, 179)])
    latitude = FloatField(N_("Latitude of the middle"), [InputRequired(), NumberRange(-60, 60)])
    side_km = FloatField(N_("Side of the square"), [InputRequired(), NumberRange(0.1, 100)])
    request_key = HiddenField(default=new_request_key)

    def tianditu_request(self, subdistrict_id: int) -> TiandituRequest:
        """Return the requested picture."""
        square = Square(self.longitude.data, self.latitude.data, self.side_km.data)
        return TiandituRequest(subdistrict_id, MapKind(self.kind.data), square)


class PlacementForm(BaseForm):
    """Control points of a picture; the page writes them as JSON."""

    method = RadioField(
        N_("Fit"),
        choices=[SelectChoice(str(method), Message(label)) for method, label in METHOD_LABELS.items()],
        default=str(PlacementMethod.SIMILARITY),
    )
    datum = SelectField(
        N_("Coordinates come from"),
        [InputRequired()],
        choices=[SelectChoice(str(datum), Message(label)) for datum, label in DATUM_LABELS.items()],
        default=str(Datum.WGS84),
    )
    points = HiddenField(N_("Control points"))
    move_draft = BooleanField(N_("What was traced already moves with the picture"))

    def validate_points(self, field: HiddenField) -> None:
        """Refuse what the page did not write."""
        try:
            parse_points(json.loads(field.data or "[]"))
        except (ValueError, TypeError, KeyError):
            raise ValidationError(BAD_POINTS) from None

    def placement_request(self) -> PlacementRequest:
        """Return the requested placement."""
        method, datum = PlacementMethod(self.method.data), Datum(self.datum.data)
        points = parse_points(json.loads(self.points.data or "[]"))
        return PlacementRequest(method, points, datum, move_draft=self.move_draft.data)


class ScaleForm(BaseForm):
    """Scale and north of a picture, where there is no map at all."""

    places = HiddenField(N_("Two places on the picture"))
    distance_m = FloatField(N_("Distance between them"), [InputRequired(), NumberRange(1, 100_000)])
    north_degrees = FloatField(N_("Direction of north"), [NumberRange(-360, 360)], default=0.0)

    def validate_places(self, field: HiddenField) -> None:
        """Refuse fewer than two places."""
        try:
            first, second = _parse_places(field.data)
        except (ValueError, TypeError):
            raise ValidationError(SAME_PLACE) from None
        if abs(first[0] - second[0]) + abs(first[1] - second[1]) < 4:
            raise ValidationError(SAME_PLACE)

    def scale_request(self) -> ScaleRequest:
        """Return the requested placement."""
        first, second = _parse_places(self.places.data)
        return ScaleRequest(first, second, self.distance_m.data, self.north_degrees.data or 0.0)


class BuildingListForm(BaseForm):
    """The list 小区/楼号/户数, pasted or as a file."""

    text = TextAreaField(N_("List"), [Length(max=MAX_LIST_LETTERS)])
    file = FileField(N_("Or a file"))
    version = HiddenField()

    def validate_file(self, field: FileField) -> None:
        """Refuse a form with neither a list nor a file."""
        if not getattr(field.data, "filename", "") and not (self.text.data or "").strip():
            raise ValidationError(NO_LIST)

    def has_file(self) -> bool:
        """Return whether a file was chosen."""
        return bool(getattr(self.file.data, "filename", ""))


class BuildLandForm(NormNumbersForm):
    """Norm by which the traced grids are judged, with its document where it is to hold; version of the draft."""

    source = StringField(N_("Document"), [Optional(), Length(max=MAX_SOURCE_LETTERS), PlainWords()])
    source_date = DateField(N_("Date of the document"), [Optional()])

    def find_faults(self) -> list[InputFault]:
        """Return the faults of the numbers, and a document without a date."""
        is_undated = bool((self.source.data or "").strip()) and self.source_date.data is None
        undated = [InputFault(Message(DATE_REQUIRED), column="source_date")] if is_undated else []
        return [*super().find_faults(), *undated]

    def to_change(self, norm: Norm, first: date) -> NormChange | None:
        """Return the norm with its document; None where no document is named, and the norm is for this land only."""
        source = (self.source.data or "").strip()
        return NormChange(norm, source, self.source_date.data, first) if source else None


def parse_points(content: Any) -> list[ControlPoint]:
    """Return control points from JSON: a list of x, y, longitude and latitude each.

    Raises
    ------
    ValueError, TypeError
        If it is none.

    Examples
    --------
    >>> parse_points([[10, 20, 114.3, 30.5]])
    [ControlPoint(x=10.0, y=20.0, longitude=114.3, latitude=30.5)]
    """
    if not isinstance(content, list) or len(content) > MAX_POINTS:
        raise ValueError("points")
    return [ControlPoint(*(float(value) for value in point)) for point in content]


def _parse_places(text: str | None) -> tuple[tuple[float, float], tuple[float, float]]:
    (a, b), (c, d) = json.loads(text or "[]")
    return (float(a), float(b)), (float(c), float(d))
