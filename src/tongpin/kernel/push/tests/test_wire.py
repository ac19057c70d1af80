"""The example of RFC 8291, appendix A, byte by byte; and the signature of RFC 8292, checked without the library."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tongpin.kernel.push import wire

TEXT = b"When I grow up, I want to be a watermelon"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_standards_own_example_comes_out() -> None:
    own = ec.derive_private_key(int.from_bytes(wire.decode(OURS), "big"), ec.SECP256R1())
    body = wire.encrypt(TEXT, THEIRS, SECRET, own=own, salt=wire.decode(SALT))
    assert wire.encode(body) == SEALED


def test_no_two_messages_look_alike() -> None:
    assert wire.encrypt(TEXT, THEIRS, SECRET) != wire.encrypt(TEXT, THEIRS, SECRET)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (THEIRS, SECRET[:-2]),
        (THEIRS[:-2], SECRET),
        ("", SECRET),
        ("B" + "A" * 86, SECRET),  # no point of the curve
        ("密", SECRET),
        (THEIRS, "密"),
    ],
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):
        wire.encrypt(TEXT, p256dh, auth)


def test_a_message_too_long_for_a_push_service_is_refused() -> None:
    assert len(wire.encrypt(b"x" * wire.MOST, THEIRS, SECRET)) <= 4096
    with pytest.raises(ValueError, match="too long"):
        wire.encrypt(b"x" * (wire.MOST + 1), THEIRS, SECRET)


def test_the_signature_says_to_whom_until_when_and_by_whom() -> None:
    pair = ec.generate_private_key(ec.SECP256R1())
    pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)

    said = wire.authorization("https://push.example:8443/send/abc", pem, "mailto:ops@acme.example", at)

    scheme, _, rest = said.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    assert scheme == "vapid"
    assert json.loads(wire.decode(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(wire.decode(claims)) == {
        "aud": "https://push.example:8443",
        "exp": int(at.timestamp()) + 12 * 3600,
        "sub": "mailto:ops@acme.example",
    }
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), wire.decode(parts["k"]))
    raw = wire.decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(der, hashlib.sha256(claims.encode()).digest(), ec.ECDSA(hashes.SHA256()))
