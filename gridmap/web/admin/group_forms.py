"""Forms of service groups."""

from wtforms import BooleanField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, Message
from gridmap.core.privacy.service_groups import GROUP_CLASSES
from gridmap.core.vocabulary import AccessClass
from gridmap.services.people.service_groups import ServiceGroup
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.labels import ACCESS_CLASS_LABELS
from gridmap.web.params import parse_id


class ServiceGroupForm(BaseForm):
    """Names, purpose, legal basis and use of a service group, with the version that the page showed."""

    name_zh = StringField(N_("Name in Chinese"), [InputRequired(), Length(max=80), PlainWords()])
    name_en = StringField(N_("Name in English"), [InputRequired(), Length(max=80), PlainWords()])
    purpose = StringField(N_("Purpose"), [Length(max=200), PlainWords()])
    legal_basis = StringField(N_("Legal basis"), [Length(max=200), PlainWords()])
    in_use = BooleanField(N_("In use: workstations record residents in it"))
    version = HiddenField(None, [InputRequired()])

    def version_number(self) -> int:
        """Return the version; -1, which no group has, where it is no number."""
        number = parse_id(self.version.data)
        return -1 if number is None else number

    def to_group(self, access_class: AccessClass) -> ServiceGroup:
        """Return the group that was filled in, without a key."""
        purpose, legal_basis = ((self[name].data or "").strip() or None for name in ("purpose", "legal_basis"))
        names = self.name_zh.data.strip(), self.name_en.data.strip()
        return ServiceGroup("", *names, access_class, purpose, legal_basis, bool(self.in_use.data))


class NewServiceGroupForm(ServiceGroupForm):
    """A new service group with its access class, which never changes."""

    version = HiddenField(None)
    subdistrict_id = SelectField(N_("Subdistrict"), [InputRequired()], coerce=int)
    access_class = SelectField(
        N_("Access class"),
        [InputRequired()],
        choices=[SelectChoice(each.value, Message(ACCESS_CLASS_LABELS[each])) for each in GROUP_CLASSES],
    )
