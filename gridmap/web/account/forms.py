"""Forms of the reader's own account."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_
from gridmap.web.forms import BaseForm


class SignInForm(BaseForm):
    """Name and password, of limited length."""

    name = StringField(N_("User name"), [InputRequired(), Length(max=200)])
    password = PasswordField(N_("Password"), [InputRequired(), Length(max=1000)])
    kept_form = HiddenField(validators=[Length(max=200_000)])


class ChangePasswordForm(BaseForm):
    """Current password, and the new one twice."""

    current_password = PasswordField(N_("Current password"), [InputRequired(), Length(max=1000)])
    password = PasswordField(N_("New password"), [InputRequired(), Length(max=1000)])
    repeat_password = PasswordField(N_("New password once more"), [InputRequired(), Length(max=1000)])


class CodeForm(BaseForm):
    """Code of the app, or a recovery code."""

    code = StringField(N_("Sign-in code"), [InputRequired(), Length(max=100)])
    kept_form = HiddenField(validators=[Length(max=200_000)])
