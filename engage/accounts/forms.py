"""Forms for signing in, choosing a password, and deciding who may do what."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError

from engage.accounts import passwords
from engage.accounts.labels import ROLE_NAMES, STANDPOINT_NAMES
from engage.accounts.models import Role, Standpoint
from engage.forms import Form, LineField, Required, clean_line

LONGEST_EMAIL = 254
LONGEST_NAME = 120


class AnEmailAddress:
    """The text must look like an e-mail address; whether it exists shows when something is sent there."""

    def __call__(self, form: Any, field: Any) -> None:
        try:
            found = validate_email(field.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_("Enter an e-mail address, like name@example.org.")) from None
        field.data = found.normalized


class SignInForm(Form):
    email = LineField(
        _l("E-mail address"), [Required(_l("Enter your e-mail address."))], longest=LONGEST_EMAIL
    )
    password = PasswordField(_l("Password"), [Required(_l("Enter your password."))])


class _NameForm(Form):
    name = LineField(
        _l("Your name"),
        [Required(_l("Enter the name that others in the team shall see."))],
        longest=LONGEST_NAME,
        description=_l("As others in the team know you. It stands beside what you decide."),
    )


class _PresentPasswordForm(Form):
    present = PasswordField(
        _l("Your present password"), [Required(_l("Enter the password that you use now."))]
    )


class ChoosePasswordForm(Form):
    """A new password, typed twice. ``email`` and ``owner`` say whom it is for."""

    password = PasswordField(
        _l("New password"),
        [Required(_l("Choose a password."))],
        description=_l("At least 12 characters. Three or four words that do not belong together work well."),
    )
    again = PasswordField(_l("The same password again"), [Required(_l("Type the password again."))])

    def __init__(self, *args: Any, email: str = "", owner: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email, self._owner = email, owner

    def validate_password(self, field: PasswordField) -> None:
        weak = passwords.weakness(field.data or "", email=self._email, name=self._owner)
        if weak:
            raise ValidationError(weak)

    def validate_again(self, field: PasswordField) -> None:
        if not self.password.errors and field.data != self.password.data:
            raise ValidationError(_("The two passwords differ. Type the same one twice."))


class JoinForm(_NameForm, ChoosePasswordForm):
    """How an invited person comes in: their name, and a password."""

    def validate_password(self, field: PasswordField) -> None:
        self._owner = self.name.data or ""
        super().validate_password(field)


class ChangePasswordForm(_PresentPasswordForm, ChoosePasswordForm):
    """Somebody who is signed in changes their own password."""


class _InvitedPersonForm(Form):
    name = LineField(_l("Their name"), [Required(_l("Enter the person's name."))], longest=LONGEST_NAME)
    email = LineField(
        _l("Their e-mail address"),
        [Required(_l("Enter the person's e-mail address.")), AnEmailAddress()],
        longest=LONGEST_EMAIL,
    )


class RolesForm(Form):
    """What somebody may do and where they speak from."""

    roles = SelectMultipleField(
        _l("What this person may do"),
        [Required(_l("Choose at least one thing that this person may do."))],
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        invalid_choice_message=_l("Choose from the list. %(value)s is not in it."),
    )
    standpoint = RadioField(
        _l("Where this person speaks from"),
        [Required(_l("Say where this person speaks from."))],
        choices=[SelectChoice(one.value, name) for one, name in STANDPOINT_NAMES.items()],
        validate_choice=False,
    )

    def validate_standpoint(self, field: RadioField) -> None:
        if field.data not in set(Standpoint):
            raise ValidationError(_("Say where this person speaks from."))

    @property
    def chosen_roles(self) -> set[Role]:
        return {Role(value) for value in self.roles.data or ()}

    @property
    def chosen_standpoint(self) -> Standpoint:
        return Standpoint(self.standpoint.data)


class InvitationForm(_InvitedPersonForm, RolesForm):
    """Whom to invite."""


class PersonForm(RolesForm):
    is_active = BooleanField(_l("This person can sign in"))


def typed_email(value: str | None) -> str:
    """An e-mail address as it was typed, in the form in which it is compared."""
    return clean_line(value).lower()
