"""Over TLS the certificate is checked against the name, though the connection goes to a checked address."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tongpin.kernel import clock, http


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *parts):
        pass


@pytest.fixture
def server(tmp_path):
    """A TLS server on loopback with a certificate of its own for ``tls.example``; ``ca`` is the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tls.example")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("tls.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    made.ca = str(chain)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join(5)
    made.server_close()


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """Every name leads to loopback."""
    row = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    monkeypatch.setattr(http, "resolve", lambda host, port: [(*row, ("127.0.0.1", port))])


def ask(server, host, ca):
    web = http.session(allow_hosts=("tls.example", "other.example"))
    web.verify = ca
    return web.get(f"https://{host}:{server.server_address[1]}/").text


def test_a_certificate_for_the_name_is_taken(server):
    assert ask(server, "tls.example", server.ca) == "ok"


def test_a_certificate_for_another_name_is_not(server):
    with pytest.raises(requests.exceptions.SSLError):
        ask(server, "other.example", server.ca)


def test_a_certificate_nobody_vouches_for_is_not(server):
    with pytest.raises(requests.exceptions.SSLError):
        ask(server, "tls.example", True)


def test_a_private_address_is_refused_before_any_handshake(server):
    with pytest.raises(http.Refused):
        http.session().get(f"https://tls.example:{server.server_address[1]}/")
