"""Calls to addresses from outside never reach this machine or the network around it."""

from __future__ import annotations

import gzip
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
import requests

from tongpin.kernel import http


class Server(ThreadingHTTPServer):
    """Loopback; remembers the paths it was asked for."""

    daemon_threads = True

    def __init__(self):
        self.asked = []
        self.drained = False
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def port(self):
        return self.server_address[1]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        name, _, value = self.path.lstrip("/").partition("/")
        getattr(self, f"answer_{name}")(value)

    def answer_ok(self, value):
        self.give(200, b"ok")

    def answer_to(self, value):
        self.send_response(302)
        self.send_header("Location", unquote(value))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_long(self, value):
        self.give(200, b"x" * int(value))

    def answer_longredirect(self, value):
        self.send_response(302)
        self.send_header("Location", "/ok")
        self.send_header("Content-Length", value)
        self.end_headers()
        self.wfile.write(b"x" * int(value))

    def answer_zip(self, value):
        self.give(200, gzip.compress(b"x" * int(value)), encoding="gzip")

    def answer_drip(self, value):
        """One byte at a time: of the body, of a body whose length is known, of the head."""
        if value != "head":
            self.send_response(200)
            if value == "length":
                self.send_header("Content-Length", "200")
            self.end_headers()
        else:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        for _ in range(200):
            try:
                self.wfile.write(b"x")
                self.wfile.flush()
            except OSError:
                return
            if self.server.gone.wait(0.05):
                return
        self.server.drained = True

    def give(self, status, body, encoding=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *parts):
        pass


@pytest.fixture
def server():
    made = Server()
    made.gone = threading.Event()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.gone.set()
    made.shutdown()
    thread.join(5)
    made.server_close()


def rows(*addresses, port=80):
    return [
        (
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_STREAM,
            6,
            "",
            (address, port, 0, 0) if ":" in address else (address, port),
        )
        for address in addresses
    ]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "not an address", "",
    ],
)  # fmt: skip
def test_private_addresses(address):
    assert not http.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address):
    assert http.is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.", "①②⑦.⓪.⓪.①"],
)  # fmt: skip
def test_no_spelling_of_loopback_gets_through(server, host):
    with pytest.raises(requests.exceptions.RequestException):
        http.session().get(f"http://{host}:{server.port}/ok")
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.com/x", "gopher://127.0.0.1:6379/_FLUSHALL", "data:,x", "//x", "http://",
     "http:///x", "", "http://user@example.com/", "http://good.example@127.0.0.1/", "http://a:b@c/", "http://\x00/"],
)  # fmt: skip
def test_addresses_that_are_not_called(url, monkeypatch):
    monkeypatch.setattr(http, "resolve", lambda host, port: pytest.fail(f"looked up {host}"))
    with pytest.raises(requests.exceptions.RequestException):
        http.session().get(url)


def test_an_operator_may_allow_a_host(server):
    web = http.session(allow_hosts=("127.0.0.1",))
    assert web.get(f"http://127.0.0.1:{server.port}/ok").text == "ok"
    with pytest.raises(http.Refused):
        web.get(f"http://localhost:{server.port}/ok")


@pytest.mark.parametrize(
    "to", ["http://localhost:{port}/ok", "http://2130706433:{port}/ok", "//[::1]:{port}/ok"]
)
def test_a_redirect_is_checked_like_any_address(server, to):
    with pytest.raises(http.Refused):
        http.session(allow_hosts=("127.0.0.1",)).get(
            f"http://127.0.0.1:{server.port}/to/{to.format(port=server.port)}"
        )
    assert len(server.asked) == 1


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://me@127.0.0.1:1/"])
def test_a_redirect_elsewhere_is_refused(server, to):
    with pytest.raises(requests.exceptions.RequestException):
        http.session(allow_hosts=("127.0.0.1",)).get(f"http://127.0.0.1:{server.port}/to/{to}")


def test_redirects_come_to_an_end(server):
    web = http.session(allow_hosts=("127.0.0.1",))
    url = f"http://127.0.0.1:{server.port}/to/"
    with pytest.raises(requests.exceptions.TooManyRedirects):
        web.get(url + "/to/" * 9 + "/ok")
    assert web.get(url + "/ok").text == "ok"


def test_the_checked_address_is_the_one_connected_to(monkeypatch):
    """A name that answers first with a public, then with a private address gains nothing: it is asked once."""
    answers = [rows("93.184.216.34"), rows("127.0.0.1")]
    dialled = []

    def dial(row, timeout, options):
        dialled.append(row[4][0])
        raise ConnectionRefusedError

    monkeypatch.setattr(http, "resolve", lambda host, port: answers.pop(0))
    monkeypatch.setattr(http, "dial", dial)
    with pytest.raises(requests.exceptions.ConnectionError):
        http.session().get("http://rebind.example/")
    assert dialled == ["93.184.216.34"]
    assert len(answers) == 1


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr(http, "resolve", lambda host, port: rows("93.184.216.34", "10.0.0.1"))
    monkeypatch.setattr(http, "dial", lambda *args: pytest.fail("connected"))
    with pytest.raises(http.Refused):
        http.session().get("http://both.example/")


def test_the_next_address_is_tried_when_one_does_not_answer(server, monkeypatch):
    dial, tried = http.dial, []

    def first_fails(row, timeout, options):
        tried.append(row[4][0])
        if len(tried) == 1:
            raise TimeoutError
        return dial(row, timeout, options)

    monkeypatch.setattr(http, "resolve", lambda host, port: rows("127.0.0.2", "127.0.0.1", port=port))
    monkeypatch.setattr(http, "dial", first_fails)
    answer = http.session(allow_hosts=("two.example",)).get(f"http://two.example:{server.port}/ok")
    assert answer.text == "ok"
    assert tried == ["127.0.0.2", "127.0.0.1"]


def test_a_name_that_does_not_resolve(monkeypatch):
    def fails(host, port):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(http, "resolve", fails)
    with pytest.raises(requests.exceptions.ConnectionError):
        http.session().get("http://nowhere.example/")


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
    with pytest.raises(requests.exceptions.RequestException):
        http.session().get("http://10.0.0.1/ok")
    assert server.asked == []


@pytest.mark.parametrize("path", ["long/2000", "zip/1000000", "longredirect/2000"])
def test_an_answer_that_is_too_long_is_not_read(server, path):
    web = http.session(allow_hosts=("127.0.0.1",), limit=1000)
    with pytest.raises(http.TooLong):
        web.get(f"http://127.0.0.1:{server.port}/{path}")
    assert len(web.get(f"http://127.0.0.1:{server.port}/long/1000").content) == 1000


def test_a_streamed_answer_is_measured_too(server):
    web = http.session(allow_hosts=("127.0.0.1",), limit=1000)
    answer = web.get(f"http://127.0.0.1:{server.port}/long/2000", stream=True)
    with pytest.raises(http.TooLong):
        list(answer.iter_content(100))


@pytest.mark.parametrize("path", ["drip/body", "drip/length", "drip/head"])
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(server, path):
    """Each byte starts the read timeout anew; uncut, this answer would be whole after ten seconds."""
    with pytest.raises(http.TooLong):
        http.session(allow_hosts=("127.0.0.1",), total=0.4).get(f"http://127.0.0.1:{server.port}/{path}")
    assert not server.drained
