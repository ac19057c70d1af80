"""A real directory (OpenLDAP's slapd) of a company of our own, on loopback, with a certificate of its own."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tongpin.kernel import clock

SLAPD = shutil.which("slapd") or shutil.which("/usr/sbin/slapd")
BASE = "dc=corp,dc=example"
PEOPLE = f"ou=people,{BASE}"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "reader-password"
PASSWORD = "directory password 密码"

CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/ca.pem
TLSCertificateKeyFile {folder}/key.pem
allow bind_anon_dn bind_anon_cred
database mdb
suffix "{base}"
rootdn "cn=root,{base}"
rootpw root-password
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="{people}" by dn="{reader}" read by * none
access to * by * read
"""

START = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: corp
o: Corp

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {READER}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: {READER_PASSWORD}
"""


@dataclass
class Slapd:
    folder: Path
    port: int
    secure_port: int
    nuo: str = ""  # somebody's DN

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def add(
        self, login: str, name: str, mail: str = "", *, units: tuple[str, ...] = (), password: str = PASSWORD
    ) -> str:
        """A person; their DN. Units are made as needed, outermost first."""
        parent = PEOPLE
        for unit in units:
            escaped = unit.replace(",", "\\,")
            parent = f"ou={escaped},{parent}"
            self.change(
                f"dn: {parent}\nobjectClass: organizationalUnit\nou: {unit}\n", "-a", "-c", check=False
            )
        dn = f"uid={login},{parent}"
        mail_line = f"mail: {mail}\n" if mail else ""
        self.change(
            f"dn: {dn}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {name}\nsn: {name}\ndisplayName: {name}\n"
            f"{mail_line}userPassword: {PASSWORD}\n",
            "-a",
        )
        return dn

    def remove(self, dn: str) -> None:
        self.change(f"dn: {dn}\nchangetype: delete\n")

    def lets_in(self, dn: str, password: str) -> bool:
        """What the directory itself says to a bind."""
        program = ["ldapwhoami", "-x", "-H", f"ldap://127.0.0.1:{self.port}", "-D", dn, "-w", password]
        return subprocess.run(program, capture_output=True, check=False).returncode == 0

    def change(self, ldif: str, *options: str, check: bool = True) -> None:
        program = ["ldapmodify", *options, "-x", "-H", f"ldap://127.0.0.1:{self.port}"]
        program += ["-D", f"cn=root,{BASE}", "-w", "root-password"]
        done = subprocess.run(program, input=ldif, text=True, capture_output=True, check=False)
        assert done.returncode == 0 or not check, done.stderr


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(folder: Path) -> Iterator[Slapd]:
    """The directory with nobody in it, until the block ends."""
    assert SLAPD
    (folder / "db").mkdir()
    _certificate(folder)
    conf = folder / "slapd.conf"
    conf.write_text(CONF.format(folder=folder, base=BASE, people=PEOPLE, reader=READER))
    server = Slapd(folder, _free_port(), _free_port())
    # 127.0.0.2 is a host the certificate does not name.
    addresses = f"ldap://127.0.0.2:{server.port}/ ldap://127.0.0.1:{server.port}/ ldaps://127.0.0.1:{server.secure_port}/"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [SLAPD, "-d", "0", "-f", str(conf), "-h", addresses], stdout=log, stderr=log
        )
    try:
        _wait(server.port, process)
        server.change(START, "-a")
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("slapd did not start")
