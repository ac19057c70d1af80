"""Where a signed-in person's theme, density and language are kept.

The module that owns profiles says how; before that, and before sign-in, cookies keep them.
"""

from __future__ import annotations

from collections.abc import Callable

from tongpin.kernel.tenancy.actor import Actor

#: Gets the person and the changed ones of theme, density, language.
Save = Callable[[Actor, dict[str, str]], None]

_savers: list[Save] = []


def saved_by(save: Save) -> None:
    """Set what keeps a person's choice, once: an account action of the module that owns profiles."""
    _savers[:] = [save]


def keep(actor: Actor, choice: dict[str, str]) -> None:
    """Keep the choice with the person's profile, if anything does."""
    for save in _savers:
        save(actor, choice)
