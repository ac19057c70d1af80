"""A push service on this machine, and the browser behind it: reads pushes as RFC 8291 and RFC 8292 say, by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tongpin.kernel.push.wire import decode, encode


class Desk:
    """One browser's subscription. ``got``: what was pushed to it, as it shows it; ``answer``: what its service says."""

    def __init__(self, origin: str, name: str) -> None:
        self.origin, self.endpoint = origin, f"{origin}/send/{name}"
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.answer: tuple[int, dict[str, str]] = (201, {})
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    @property
    def p256dh(self) -> str:
        return encode(self._public)

    @property
    def auth(self) -> str:
        return encode(self.secret)

    @property
    def _public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def got(self) -> list[dict[str, Any]]:
        return [json.loads(self.opened(body)) for body in self.bodies]

    def opened(self, body: bytes) -> bytes:
        """What was sent, by RFC 8188 and 8291, with HKDF written out: no library agrees with itself here."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.key.exchange(ec.ECDH(), point)
        info = b"WebPush: info\x00" + self._public + theirs
        secret = _hmac(_hmac(self.secret, shared), info + b"\x01")
        root = _hmac(salt, secret)
        key = _hmac(root, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _hmac(root, b"Content-Encoding: nonce\x00\x01")[:12]
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02")
        return plain[:-1]

    def claims(self, number: int = -1) -> tuple[str, dict[str, Any]]:
        """The key a push was signed with and what the signature says. Raises InvalidSignature."""
        scheme, _, rest = self.headers[number]["Authorization"].partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        assert json.loads(decode(head))["alg"] == "ES256"
        raw = decode(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        return parts["k"], json.loads(decode(claims))


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


@contextmanager
def serving(*names: str) -> Iterator[list[Desk]]:
    """A push service with so many browsers, on loopback."""
    desks: dict[str, Desk] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            desk = desks[self.path]
            desk.headers.append(dict(self.headers))
            desk.bodies.append(body)
            status, headers = desk.answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    desks.update({f"/send/{name}": Desk(origin, name) for name in names})
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield list(desks.values())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
