"""``tongpin rotate-keys``: new keys for what is kept encrypted and for what is signed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from tongpin.kernel import keyring
from tongpin.lib import private_file


def rotate(*, forget: bool = False) -> Iterator[str]:
    """Do it, and say line by line what was done. Raises ``keyring.KeyLost`` with every key kept."""
    for name, count in keyring.rotate(forget=forget).items():
        yield _("Encrypted anew: %(count)d × %(name)s.") % {"count": count, "name": name}
    if "TONGPIN_SECRET_KEY" in os.environ:
        yield _("TONGPIN_SECRET_KEY is set by you: change it there.")
        return
    file = settings.DATA / "keys" / "secret"
    old = file.with_name("secret.old")
    if forget:
        old.unlink(missing_ok=True)
    else:
        private_file.replace(old, file.read_text())
    private_file.replace(file, secrets.token_urlsafe(50))
    yield _("Made a new key for sessions and links. Start `tongpin serve` again to use it.")
    if forget:
        yield _("Everyone signs in again then, and links in mails sent so far no longer work.")
