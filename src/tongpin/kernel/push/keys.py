"""This server's pair of keys (VAPID, RFC 8292): made when first asked for, kept by the keyring."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tongpin.kernel import keyring
from tongpin.kernel.push.models import PushKey
from tongpin.kernel.push.wire import point_of

log = structlog.get_logger("tongpin.push")
ONLY = 1


def public() -> str:
    """The key a browser is to subscribe with: an uncompressed point of P-256, base64url.

    Where the keyring has lost the private one, a new pair is made: what was subscribed with the old one is dropped when
    a push service refuses it, and its person is offered to turn it on again.
    """
    row = PushKey.objects.filter(pk=ONLY).first()
    if row is not None:
        try:
            keyring.decrypt(row.private)
        except keyring.KeyLost:
            log.warning("push.key_lost", made_at=str(row.made_at))
            PushKey.objects.filter(pk=ONLY, private=row.private).delete()
        else:
            return row.public
    return _made().public


def private() -> str:
    """The key to sign with, as PEM. Raises ``keyring.KeyLost``."""
    return keyring.decrypt((PushKey.objects.filter(pk=ONLY).first() or _made()).private)


def _made() -> PushKey:
    """The pair, made now unless another process was first."""
    pair = ec.generate_private_key(ec.SECP256R1())
    pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    row, _made = PushKey.objects.get_or_create(
        pk=ONLY, defaults={"private": keyring.encrypt(pem), "public": point_of(pair.public_key())}
    )
    return row


def rewrite(change: Callable[[str], str]) -> int:
    """Pass the private key through ``change`` (``kernel.keyring``); how many there are."""
    rows = list(PushKey.objects.select_for_update())
    for row in rows:
        row.private = change(row.private)
        row.save(update_fields=["private"])
    return len(rows)
