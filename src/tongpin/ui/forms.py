"""What forms of every module share: an action's refusal beside the fields, and edits that take back nobody else's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from tongpin.kernel.errors import Invalid


def refuse(form: forms.BaseForm, error: Invalid) -> None:
    """Put an action's findings beside the form's fields; what belongs to no field stands above them."""
    form.is_valid()
    for name, found in error.fields.items():
        for message in found:
            form.add_error(name if name in form.fields else None, message)
    if not error.fields:
        form.add_error(None, str(error.message))


class EditForm(forms.Form):
    """Changes to something that others, or another window, may have changed since it was shown.

    ``changed_data`` is what this person changed: not what differs from the present, which would take back the others'.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        """The new values of a valid form."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def show_clash(self, row: models.Model) -> bool:
        """Say beside each field changed here what somebody else has set it to in ``row``. False if they set none."""
        found = False
        for name in self.changed_data:
            now = getattr(row, name)
            if self.data.get(self[name].html_initial_name) != str(now):
                words = _(
                    "Someone else has set this to “%(value)s” meanwhile. Reload the page to change it again."
                )
                said = getattr(row, f"get_{name}_display", lambda now=now: now)()
                self.add_error(name, words % {"value": said})
                found = True
        return found
