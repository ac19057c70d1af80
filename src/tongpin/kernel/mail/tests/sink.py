"""A small SMTP server: keeps what it is given, and refuses what a test tells it to."""

from __future__ import annotations

import asyncio
import base64
import datetime
import email.policy
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Sink:
    """``answers`` maps a recipient to the reply its RCPT gets; ``drop_after`` mails the connection is cut."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    user: str = ""
    password: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    drop_after: int | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    connections: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        secure = False

        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                extras = ["250-sink", "250-SMTPUTF8", "250-8BITMIME"]
                if self.tls and not secure:
                    extras.append("250-STARTTLS")
                if self.user:
                    extras.append("250-AUTH PLAIN")
                await say("\r\n".join([*extras, "250 HELP"]))
            elif verb == "STARTTLS":
                await say("220 go ahead")
                await writer.start_tls(self.tls)
                secure = True
            elif verb == "AUTH":
                _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                good = (user, password) == (self.user, self.password)
                if good:
                    self.signed_in.append("tls" if secure else "plain")
                await say("235 welcome" if good else "535 5.7.8 wrong password")
            elif verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                await say(self.answers.get(address, "250 fine"))
            elif verb == "DATA":
                if self.drop_after is not None and len(self.mails) >= self.drop_after:
                    writer.transport.abort()
                    return
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(
                    email.message_from_bytes(
                        body[:-5].replace(b"\r\n..", b"\r\n."), policy=email.policy.default
                    )
                )
                await say("250 taken")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:  # MAIL, RSET, NOOP
                await say("250 fine")
        writer.close()


@contextmanager
def running(sink: Sink) -> Iterator[Sink]:
    """Serve on a free loopback port in a thread of its own."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # clients that hang up are part of the tests
    up = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        up.set()
        async with server:
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="smtp-sink")
    thread.start()
    try:
        assert up.wait(10)
        yield sink
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for 127.0.0.1, and the file a client must trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2120, 1, 1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted = folder / "sink.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "sink.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
