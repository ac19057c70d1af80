"""The one client for calls to addresses that people or other servers gave us.

    with http.session() as web:
        answer = web.get(url)

It refuses this machine, the network around it and a cloud's metadata service. The name is resolved once and
the connection goes to the address that was checked, so that a second, different DNS answer is never asked
for.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import threading
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from tongpin import __version__

#: Seconds: to connect, between two packets, and for the whole answer.
CONNECT = 5.0
READ = 15.0
TOTAL = 60.0
#: Bytes of one answer, unpacked.
ANSWER_LIMIT = 10 * 1024 * 1024
REDIRECTS = 5

# Not the internet, though the standard library takes them for it: the address at which Azure serves its virtual
# machines, protocol assignments (Oracle's cloud answers there) and the site-local addresses of old.
_ALSO_PRIVATE = [ipaddress.ip_network(n) for n in ("168.63.129.16/32", "192.0.0.0/24", "fec0::/10")]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(requests.exceptions.RequestException):
    """An address this server does not call: private, not http(s), or with a password in it."""


class TooLong(requests.exceptions.RequestException):
    """The answer had more bytes, or took more seconds, than allowed."""


class _NotPublic(Exception):
    """Raised while connecting; not an OSError, so that nothing on the way takes it for a network failure."""


def is_public(address: str) -> bool:
    """Whether an IP address (as the resolver writes it) lies on the public internet."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _within(ip)
        if inner is not None:
            return is_public(str(inner))
    if any(ip in network for network in _ALSO_PRIVATE):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address an IPv6 address stands for: mapped, 6to4, Teredo, NAT64, or the old compatible
    form."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64 or int(ip) >> 32 == 0:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """The resolver's answers for a host: ``getaddrinfo`` rows for TCP."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def dial(row: tuple[Any, ...], timeout: float | None, options: Any) -> socket.socket:
    """A connected socket to exactly the address in a ``getaddrinfo`` row."""
    family, kind, protocol, _name, address = row
    sock = socket.socket(family, kind, protocol)
    try:
        for option in options or ():
            sock.setsockopt(*option)
        sock.settimeout(timeout)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


class _End:
    """Shuts a call's connection down when its time is over, whatever it is doing then.

    The read timeout starts anew with every byte: a server that sends one now and then would hold us for hours.
    A duplicate of the socket is used because TLS takes the socket's own descriptor over.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self._over = False
        self.passed = False
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, sock: socket.socket) -> None:
        """Take charge of a connection just made."""
        with self._lock:
            if not self._over:
                self._twin = sock.dup()
        if self.passed:
            sock.close()

    def finish(self) -> None:
        """The call is done: nothing is shut down any more."""
        self._timer.cancel()
        self._drop(shut=False)

    def _pass(self) -> None:
        self.passed = True
        self._drop(shut=True)

    def _drop(self, *, shut: bool) -> None:
        with self._lock:
            self._over = True
            twin, self._twin = self._twin, None
        if twin is not None:
            if shut:
                with contextlib.suppress(OSError):
                    twin.shutdown(socket.SHUT_RDWR)
            twin.close()


class _Checked:
    """What both kinds of connection share: resolve once, check, connect to what was checked."""

    adapter: _Adapter

    def _new_conn(self: Any) -> socket.socket:
        host, port = self._dns_host, self.port
        try:
            rows = resolve(host, port)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        if _bare(host) not in self.adapter.allow_hosts and not all(is_public(row[4][0]) for row in rows):
            raise _NotPublic(host)
        failure: OSError | None = None
        for row in rows:
            try:
                sock = dial(row, _seconds(self.timeout), self.socket_options)
            except OSError as error:
                failure = error
            else:
                self.adapter.calls.end.watch(sock)
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, f"no answer from {host}") from failure
        raise NewConnectionError(self, f"cannot connect to {host}: {failure}") from failure


def _seconds(timeout: Any) -> float | None:
    return float(timeout) if isinstance(timeout, int | float) else None


def _bare(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


class _Adapter(HTTPAdapter):
    """Requests' adapter whose pools make checked connections, and whose answers are measured."""

    def __init__(self, allow_hosts: frozenset[str], limit: int, total: float) -> None:
        self.allow_hosts, self.limit, self.total = allow_hosts, limit, total
        self.calls = threading.local()  # ``end``: the present call's, of this thread
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        plain = type("Plain", (_Checked, HTTPConnection), {"adapter": self})
        secure = type("Secure", (_Checked, HTTPSConnection), {"adapter": self})
        manager = PoolManager(*args, **kwargs)
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        self.poolmanager = manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        end = self.calls.end = _End(self.total)
        # A connection kept for the next call would not be watched then.
        request.headers["Connection"] = "close"
        try:
            answer = super().send(request, *args, **kwargs)
        except BaseException as error:
            end.finish()
            if isinstance(error, _NotPublic):
                raise Refused(f"{error} is not on the public internet", request=request) from None
            if end.passed:
                raise TooLong("the answer takes too long", request=request) from error
            raise
        answer.raw = _Measured(answer.raw, self.limit, end)
        return answer


class _Measured:
    """A raw answer that stops when it is too long, and never passes for whole when it was cut off."""

    def __init__(self, raw: Any, limit: int, end: _End) -> None:
        self._raw, self._left, self._end = raw, limit, end

    def stream(self, amt: int | None = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        try:
            for piece in self._raw.stream(min(amt or 65536, 65536), decode_content=decode_content):
                self._left -= len(piece)
                if self._left < 0:
                    raise TooLong("the answer is too long")
                yield piece
        except HTTPError as error:
            if self._end.passed:
                raise TooLong("the answer takes too long") from error
            raise
        finally:
            self._end.finish()
        if self._end.passed:
            raise TooLong("the answer takes too long")

    def read(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        return b"".join(self.stream(decode_content=decode_content))

    def close(self) -> None:
        self._end.finish()
        self._raw.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class Session(requests.Session):
    """A requests session for untrusted addresses. Environment proxies and .netrc are not used."""

    def __init__(
        self, allow_hosts: Collection[str] = (), *, limit: int = ANSWER_LIMIT, total: float = TOTAL
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = REDIRECTS
        # A company's own certificate authority, as for any other program on the machine.
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
        self.headers["User-Agent"] = f"Tongpin/{__version__}"
        self.adapters.clear()
        adapter = _Adapter(frozenset(_bare(host) for host in allow_hosts), limit, total)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one prepared request. Redirects come through here too, each with its own check."""
        _check(request.url or "")
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT, READ)
        return super().send(request, **kwargs)


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise Refused("only http and https addresses are called")
    if "@" in parts.netloc:
        raise Refused("the address has a user name in it")
    if not parts.hostname:
        raise Refused("the address has no host")


def session(allow_hosts: Collection[str] = (), *, limit: int = ANSWER_LIMIT, total: float = TOTAL) -> Session:
    """A client for addresses from outside. ``allow_hosts`` are names an operator configured; they may be
    private.

    Raises, from its calls, ``Refused`` and ``TooLong`` besides requests' own exceptions; all of them are
    ``requests.exceptions.RequestException``. ``limit`` is the most bytes, ``total`` the most seconds of one
    answer.
    """
    return Session(allow_hosts, limit=limit, total=total)
