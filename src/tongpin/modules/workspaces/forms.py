"""What people type here. Rules that hold for every door are the actions'; forms only read the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz
from tongpin.kernel.i18n.countries import Country
from tongpin.kernel.tenancy.enums import Language, Role, WeekStart
from tongpin.lib.workdays.hours import HoursError, parse_day, show_day
from tongpin.modules.workspaces.actions.calendar import hours_words
from tongpin.modules.workspaces.enums import PROJECT_ICONS, Mark, ProjectKind, Visibility
from tongpin.modules.workspaces.queries.department import Tree
from tongpin.modules.workspaces.zones import zone_choices
from tongpin.ui.forms import EditForm


class WorkspaceForm(forms.Form):
    """A new workspace."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "organization"}),
    )
    slug = forms.CharField(label=_("Web address"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


class WorkspaceSettingsForm(EditForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.CharField(
        label=_("Web address"), max_length=40, help_text=_("Links to the old address keep working.")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Of mails to people who have no account yet."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        help_text=_("Metrics and dates of the workspace are counted in it."),
    )
    week_start = forms.TypedChoiceField(label=_("Week starts on"), choices=WeekStart.choices, coerce=int)


class ProfileForm(EditForm):
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)


def _or_none(value: str) -> int | None:
    """A number from a select in which 0 stands for none."""
    return int(value) or None


class InviteForm(forms.Form):
    """One or several addresses; a paste from a mail program or a sheet will do."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Separate several by commas, spaces or lines."),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean_emails(self) -> list[str]:
        """The addresses, once each, as typed."""
        text = self.cleaned_data["emails"]
        for sign in ",;，；、<>":
            text = text.replace(sign, " ")
        found = list(dict.fromkeys(word for word in text.split() if "@" in word))
        if not found:
            raise forms.ValidationError(_("Enter at least one e-mail address."))
        if len(found) > 50:
            raise forms.ValidationError(_("Invite at most 50 people at a time."))
        return found


class LinkForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))
    days = forms.TypedChoiceField(
        label=_("Works for"), coerce=int, initial=7,
        choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days"))],
    )  # fmt: skip
    max_uses = forms.TypedChoiceField(
        label=_("How many people"), coerce=_or_none, initial=0,
        choices=[(0, _("Any number")), (1, "1"), (5, "5"), (20, "20"), (100, "100")],
    )  # fmt: skip

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


def _scope(scope: str) -> SafeString:
    """A scope in words, with its code for whoever writes the program."""
    return format_html("{}<small><code>{}</code></small>", authz.scope_words(scope), scope)


def _days() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Works for"), coerce=_or_none, initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("1 year")), (0, _("Without end"))],
    )  # fmt: skip


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = _days()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(s, _scope(s)) for s in self.offered()]  # type: ignore[attr-defined]

    def offered(self) -> list[str]:
        """The scopes to choose from."""
        return authz.scopes()


class WorkspaceTokenForm(TokenForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What it does is told under this name, such as “CI deploy”."),
    )  # fmt: skip
    role = forms.ChoiceField(
        label=_("Sees"), initial="member",
        choices=[("member", _("What every member sees")), ("admin", _("Everything, like an admin"))],
        help_text=_("A member does not see private projects."),
    )  # fmt: skip

    field_order = ("name", "role", "days", "scopes")

    def offered(self) -> list[str]:
        return authz.scopes_of_workspace_tokens()


class RotateForm(forms.Form):
    grace_hours = forms.TypedChoiceField(
        label=_("The old secret"), coerce=int, initial=24,
        choices=[(24, _("works for 24 more hours")), (0, _("stops at once"))],
        help_text=_("Leave it a day to give the new one to every program, or stop it at once if it got out."),
    )  # fmt: skip
    days = _days()


class TypedNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the workspace"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class EmptyIsAnAnswer(forms.Field):
    """A field that may be left empty without being optional: nothing chosen says something."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class CountryField(EmptyIsAnAnswer, forms.ChoiceField):
    """Whose holidays count; nobody's is a choice."""


class HoursField(EmptyIsAnAnswer, forms.CharField):
    """The working hours of one weekday, as people write them; empty for a day of rest."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return show_day(parse_day(text))
        except HoursError as error:
            raise forms.ValidationError(hours_words(error)) from None


class CalendarForm(forms.Form):
    """Whose holidays, and the hours of each weekday; ``week_start`` says which weekday comes first."""

    use_required_attribute = False

    country = CountryField(label=_("Public holidays of"), choices=Country.choices)

    def __init__(self, *args: Any, week_start: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(7):
            weekday = (week_start + n) % 7
            self.fields[f"hours_{weekday}"] = HoursField(
                label=WEEKDAYS[weekday], max_length=120, required=False
            )

    def weekdays(self) -> list[forms.BoundField]:
        """The seven fields of hours, in the order of the week."""
        return [self[name] for name in self.fields if name.startswith("hours_")]

    def hours(self) -> list[str]:
        """What was typed, Monday first."""
        return [self.cleaned_data[f"hours_{n}"] for n in range(7)]


class MarkForm(forms.Form):
    """A day, or several in a row, and what they are to be."""

    first = forms.DateField(widget=forms.HiddenInput)
    mark = forms.ChoiceField(label=_("This day is"), choices=Mark.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    last = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("For several days in a row."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and not first <= last < first + timedelta(days=366):
            self.add_error("last", _("Choose a day after the first, within a year."))
        return data

    def days(self) -> list[dict[str, Any]]:
        """The input of ``workspaces.calendar.mark_days``."""
        data = self.cleaned_data
        count = ((data["last"] or data["first"]) - data["first"]).days + 1
        days = [data["first"] + timedelta(days=n) for n in range(count)]
        return [{"day": day, "mark": data["mark"], "name": data["name"]} for day in days]


class ProjectForm(forms.Form):
    """A project, new or changed. ``lead`` is the page's own picker."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    key = forms.CharField(label=_("Key"), max_length=6, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ProjectKind.choices, widget=forms.RadioSelect)
    purpose = forms.CharField(
        label=_("Purpose"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    visibility = forms.ChoiceField(
        label=_("Who sees it"),
        choices=[
            (Visibility.OPEN, _("Open: every member of the workspace; guests only when they are in it")),
            (Visibility.PRIVATE, _("Private: only who is in it, and the workspace’s owners and admins")),
        ],
        initial=Visibility.OPEN,
        widget=forms.RadioSelect,
    )
    icon = forms.ChoiceField(
        label=_("Icon"), choices=list(PROJECT_ICONS.items()), required=False, widget=forms.RadioSelect
    )
    hue = forms.TypedChoiceField(
        label=_("Colour"),
        coerce=int,
        choices=[(n, str(n)) for n in range(1, 9)],
        initial=1,
        required=False,
        empty_value=1,
    )

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = not is_new

    def given(self) -> dict[str, Any]:
        """The input of the action: what was left empty is left out, but for the purpose."""
        lead = self.data.get("lead")
        given = {k: v for k, v in self.cleaned_data.items() if v != "" or k == "purpose"}
        return given | ({"lead": lead} if lead else {})


class EditProjectForm(EditForm, ProjectForm):
    """A project's settings, to be changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, is_new=False, **kwargs)

    def changes(self) -> dict[str, Any]:
        """The new values of a valid form."""
        return {name: value for name, value in self.given().items() if name in self.changed_data}

    @property
    def shown(self) -> SafeString:
        """What was shown of the fields that the page draws by itself."""
        drawn = (self[name].as_hidden(only_initial=True) for name in ("kind", "icon", "hue"))
        return format_html_join("", "{}", ((each,) for each in drawn))


class DepartmentForm(forms.Form):
    """A department, new (``tree`` gives the places it may stand in) or changed. ``lead`` is the dialog's own picker."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    parent = forms.ChoiceField(label=_("Inside"), required=False)

    def __init__(self, *args: Any, tree: Tree | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if tree is None:
            del self.fields["parent"]
        else:
            places = [(str(node.row.public_id), node.path) for node in tree]
            self.fields["parent"].choices = [("", _("Top level")), *places]  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """The input of the action: what was left empty is left out."""
        given = {**self.cleaned_data, "lead": self.data.get("lead", "")}
        return {name: value for name, value in given.items() if value}
