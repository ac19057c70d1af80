"""What goes over the wire: a message only one browser can read (RFC 8291), and the proof of who sends it (RFC 8292)."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

#: Bytes of a message: what every push service must take (RFC 8030) is 4096 encrypted.
MOST = 3900
RECORD = 4096
SIGNED_FOR = timedelta(hours=12)  # at most 24 by the standard


def encode(data: bytes) -> str:
    """Base64url without padding, as browsers and push services write keys."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of ``encode``. Raises ValueError."""
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error


def point_of(key: ec.EllipticCurvePublicKey) -> str:
    """A public key as browsers write it."""
    return encode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def check(p256dh: str, auth: str) -> None:
    """Raise ValueError unless these are a browser's keys: a point of P-256 and a secret of 16 bytes."""
    if len(decode(auth)) != 16:
        raise ValueError("the secret is not 16 bytes long")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(p256dh))


def encrypt(
    message: bytes,
    p256dh: str,
    auth: str,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push (``aes128gcm``, one record) for the browser with these keys.

    ``own`` and ``salt`` are made anew for each message; given only to compare with the standard's example.
    Raises ValueError for keys that are none, or a message longer than MOST bytes.
    """
    if len(message) > MOST:
        raise ValueError("the message is too long for a push")
    check(p256dh, auth)
    own, salt = own or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    theirs = decode(p256dh)
    ours = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    secret = _derive(shared, decode(auth), b"WebPush: info\x00" + theirs + ours, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)  # 2: the last record
    return salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def authorization(endpoint: str, private: str, contact: str, at: datetime) -> str:
    """The header by which the push service of ``endpoint`` knows this server.

    ``private`` is its key as PEM, ``contact`` a ``mailto:`` or ``https:`` address of who runs it, ``at`` an instant.
    """
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": at + SIGNED_FOR, "sub": contact}
    token = jwt.encode(claims, private, algorithm="ES256")
    key = load_pem_private_key(private.encode("ascii"), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return f"vapid t={token}, k={point_of(key.public_key())}"
