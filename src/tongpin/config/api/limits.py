"""How often a token may ask."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel.actions import rate
from tongpin.kernel.errors import Throttled

#: Seconds in which ``settings.API_RATE`` requests of one token are let through.
WINDOW = 60


class TooFast(Throttled):
    """More requests than allowed; ``seconds`` until the next window."""

    def __init__(self, seconds: int) -> None:
        wait = ngettext("Try again in %d second.", "Try again in %d seconds.", seconds) % seconds
        super().__init__(_("This token asks too often."), hint=wait)
        self.seconds = seconds


def count(token: uuid.UUID) -> None:
    """Count one request of the token, whichever of its secrets came. Raises TooFast beyond API_RATE in a window;
    0 counts nothing.
    """
    if not settings.API_RATE:
        return
    used, seconds = rate.count(f"api:{token.hex}", WINDOW)
    if used > settings.API_RATE:
        raise TooFast(seconds)
