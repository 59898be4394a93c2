"""Form that filters the incidents of the heatmap."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict
from wtforms.fields import DateField, SelectChoice

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.services.incidents.heatmap import DateRange
from gridmap.web.forms import BaseForm, CheckboxGroup, SelectField, add_form_errors
from gridmap.web.labels import INCIDENT_STATUS_LABELS

DATE_ATTRIBUTES = {"required": True, "max": "9999-12-31"}
"""Without a maximum, browsers take years of six digits."""


class HeatmapForm(BaseForm):
    """Filters of incidents; they are sent in the URL, so that a view can be kept as a link.

    The form shows the filters and their faults. They are parsed by `parse_params`, as for the map.
    """

    class Meta(BaseForm.Meta):
        """No CSRF protection: the form changes nothing."""

        csrf = False

    first = DateField(N_("First day"), render_kw=DATE_ATTRIBUTES)
    last = DateField(N_("Last day"), render_kw=DATE_ATTRIBUTES)
    status = SelectField(N_("Status on the last day"), validate_choice=False, render_kw={"required": False})
    category = CheckboxGroup(N_("Categories"), validate_choice=False)

    def set_choices(self, category_names: Mapping[str, str]) -> None:
        """Set the choices of the status and of the categories."""
        statuses = [SelectChoice(key, Message(name)) for key, name in INCIDENT_STATUS_LABELS.items()]
        self.status.choices = [SelectChoice("", Message(N_("all"))), *statuses]
        self.category.choices = [SelectChoice(key, name) for key, name in category_names.items()]
        for each in self:
            each.flags.required = True  # no "(optional)": each has a default, and an empty status stands for all


def make_heatmap_form(
    query: MultiDict[str, str],
    date_range: DateRange,
    category_names: Mapping[str, str],
    error: InvalidInput | None = None,
) -> HeatmapForm:
    """Return the form with what was entered and the faults found in it, and with a range of days where none was."""
    form = HeatmapForm(query, data={"first": date_range.first, "last": date_range.last, "status": ""})
    form.set_choices(category_names)
    if error is not None:
        add_form_errors(form, error)
    return form
