"""What a person says about themselves."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import Kind, StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Density, Language, Theme
from tongpin.kernel.tenancy.models import User
from tongpin.lib import pinyin
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.person import person_of
from tongpin.modules.workspaces.fields import Name, Zone


class EditProfile(BaseModel):
    """Only what is given is changed. ``avatar`` is the id of a stored picture; null takes it away."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    language: Language | None = None
    time_zone: Zone | None = None
    theme: Theme | None = None
    density: Density | None = None
    avatar: uuid.UUID | None = None


def own_picture(actor: Actor, picture: uuid.UUID) -> bool:
    """Whether the picture is one this person put there for themselves."""
    rows = StoredFile.objects.filter(
        public_id=picture, kind=Kind.PICTURE, uploader=actor.user, workspace=None
    )
    return rows.exists()


def _before(before: dict[str, Any], user: Any) -> dict[str, Any]:
    """A replaced picture is forgotten, and cannot be put back."""
    given: dict[str, Any] = vars(user)["before"]
    return given


@action(
    "workspaces.profile.edit",
    permission="workspaces.profile.edit",
    account=True,
    inverse="workspaces.profile.edit",
    inverse_data=_before,
)
def edit_profile(actor: Actor, data: EditProfile) -> User:
    """Change one's own name, picture, language, time zone, theme or density."""
    user = User.objects.select_for_update().get(pk=person_of(actor).pk)
    if data.avatar is not None and not own_picture(actor, data.avatar):
        raise Invalid(_("There is no such picture."), field="avatar", hint=_("Upload it again."))
    before: dict[str, Any] = {}
    for name in sorted(data.model_fields_set):
        value, now = getattr(data, name), getattr(user, name)
        if value == now or (value is None and name != "avatar"):
            continue
        before[name] = now
        setattr(user, name, value)
    vars(user)["before"] = {name: value for name, value in before.items() if name != "avatar"}
    if before:
        changed = list(before)
        if "name" in before:
            user.pinyin = pinyin.of_person(user.name)[:400]
            changed.append("pinyin")
        user.save(update_fields=changed)
        files.remove(before.get("avatar"))
        emit(events.ProfileEdited(fields=sorted(before)), user)
    return user


def keep_appearance(actor: Actor, choice: dict[str, str]) -> None:
    """Keep theme, density and language with the person's profile."""
    edit_profile.run(actor, choice)
