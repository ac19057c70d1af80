"""What the operator set: environment variables, read in one place. See the table in README.md."""

from __future__ import annotations

import os
import re
import secrets
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tongpin.lib.private_file import made_once
from tongpin.modules.workspaces.ldap.configuration import Configuration


def data_dir() -> Path:
    """``TONGPIN_DATA``, the folder of everything this server keeps; made 0700 on first use."""
    path = Path(os.environ.get("TONGPIN_DATA") or "~/.local/share/tongpin").expanduser().absolute()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def header(name: str) -> str:
    """The name of a header in lower case, as ASGI has it; "" for none. Raises ValueError."""
    said = os.environ.get(name, "").strip().lower()
    if said and not re.fullmatch(r"[a-z0-9-]{1,100}", said):
        raise ValueError(f"{name} is not the name of a header")
    return said


def choice(name: str, *allowed: str) -> str:
    """A variable that takes one of a few words, the first if it is not set. Raises ValueError for any other word."""
    value = os.environ.get(name) or allowed[0]
    if value not in allowed:
        raise ValueError(f"{name} is “{value}”; it may be {' or '.join(allowed)}")
    return value


def sign_up() -> str:
    """``TONGPIN_SIGN_UP``: who may make an account."""
    return choice("TONGPIN_SIGN_UP", "open", "invited")


def verify_email() -> str:
    """``TONGPIN_VERIFY_EMAIL``: whether an address must be confirmed before its account gets in."""
    return choice("TONGPIN_VERIFY_EMAIL", "mandatory", "optional")


def secret_key(data: Path) -> str:
    """``TONGPIN_SECRET_KEY``, else one made once and kept 0600 in the data folder's keyring."""
    given = os.environ.get("TONGPIN_SECRET_KEY")
    return given or made_once(data / "keys" / "secret", lambda: secrets.token_urlsafe(50))


def old_secret_keys(data: Path) -> list[str]:
    """The key before the last ``tongpin rotate-keys``: what it signed still counts."""
    old = data / "keys" / "secret.old"
    return [old.read_text()] if old.exists() and not os.environ.get("TONGPIN_SECRET_KEY") else []


def allowed_hosts(site_url: str) -> list[str]:
    """Host names this server answers to: that of ``TONGPIN_URL``, loopback, and ``TONGPIN_HOSTS`` (commas)."""
    more = [host.strip() for host in os.environ.get("TONGPIN_HOSTS", "").split(",") if host.strip()]
    own = urlsplit(site_url).hostname
    return sorted({"127.0.0.1", "localhost", "[::1]", *more, *([own] if own else [])})


def backup_at() -> time | None:
    """``TONGPIN_BACKUP_AT``: when the daily backup begins, such as 03:30 in the server's zone; None for no backups."""
    text = os.environ.get("TONGPIN_BACKUP_AT")
    if not text:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"TONGPIN_BACKUP_AT is “{text}”; it is a time of day such as 03:30") from None


def backup_dir(data: Path) -> Path:
    """``TONGPIN_BACKUP_DIR``, where scheduled backups go; ``backups`` in the data folder unless given."""
    return Path(os.environ.get("TONGPIN_BACKUP_DIR") or data / "backups").expanduser().absolute()


def backup_keep() -> tuple[int, int, int]:
    """``TONGPIN_BACKUP_KEEP``: of how many days, weeks and months one backup is kept, such as ``7,4,6``."""
    text = os.environ.get("TONGPIN_BACKUP_KEEP") or "7,4,6"
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts) or int(parts[0]) < 1:
        raise ValueError(f"TONGPIN_BACKUP_KEEP is “{text}”; it is days,weeks,months such as 7,4,6")
    days, weeks, months = (int(part) for part in parts)
    return days, weeks, months


def password_length() -> int:
    """``TONGPIN_PASSWORD_LENGTH``: the fewest characters of a password, 8 to 64."""
    length = int(os.environ.get("TONGPIN_PASSWORD_LENGTH") or 10)
    if not 8 <= length <= 64:
        raise ValueError("TONGPIN_PASSWORD_LENGTH is a number from 8 to 64")
    return length


def audit_days() -> int:
    """``TONGPIN_AUDIT_DAYS``: how long events are kept; 0, the default, for ever. The law's 180 days are the least."""
    days = int(os.environ.get("TONGPIN_AUDIT_DAYS") or 0)
    if days < 0:
        raise ValueError("TONGPIN_AUDIT_DAYS is a number of days, or 0 to keep everything")
    return days


def smtp() -> str | None:
    """``TONGPIN_SMTP``: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465``; None prints mail instead."""
    return os.environ.get("TONGPIN_SMTP") or None


def sign_in_providers() -> dict[str, Any]:
    """allauth's provider settings: OpenID Connect and the messengers, as far as they are set up."""
    found = {**oidc_providers(), **messengers()}
    if ldap() is not None:  # named among the accounts a person has connected; it has no button
        found["ldap"] = _app("ldap", "", {"hidden": True})
    return found


def together(*names: str) -> list[str] | None:
    """The values of variables that are set all or not at all (then None). Raises ValueError for some of them."""
    values = {name: os.environ.get(name, "").strip() for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(names):
        given = next(name for name in names if name not in missing)
        raise ValueError(f"{given} is set, so {' and '.join(missing)} must be too")
    return None if missing else list(values.values())


def messengers() -> dict[str, Any]:
    """From ``TONGPIN_FEISHU_…``, ``TONGPIN_DINGTALK_…`` and ``TONGPIN_WECOM_…``."""
    found: dict[str, Any] = {}
    if feishu := together("TONGPIN_FEISHU_APP_ID", "TONGPIN_FEISHU_APP_SECRET"):
        options = {"tenant": os.environ.get("TONGPIN_FEISHU_TENANT", "")}
        name = ""
        if choice("TONGPIN_FEISHU_SITE", "feishu.cn", "larksuite.com") == "larksuite.com":
            name = "Lark"
            options["login_url"] = "https://accounts.larksuite.com/open-apis/authen/v1/authorize"
            options["api"] = "https://open.larksuite.com/open-apis"
        found["feishu"] = _app(feishu[0], feishu[1], options, name)
    names = ("TONGPIN_DINGTALK_CLIENT_ID", "TONGPIN_DINGTALK_CLIENT_SECRET", "TONGPIN_DINGTALK_CORP_ID")
    if dingtalk := together(*names):
        found["dingtalk"] = _app(dingtalk[0], dingtalk[1], {"corp_id": dingtalk[2]})
    if wecom := together("TONGPIN_WECOM_CORP_ID", "TONGPIN_WECOM_SECRET", "TONGPIN_WECOM_AGENT_ID"):
        found["wecom"] = _app(wecom[0], wecom[1], {"agent_id": wecom[2]})
    return found


def _app(client_id: str, secret: str, options: dict[str, Any], name: str = "") -> dict[str, Any]:
    return {"APPS": [{"name": name, "client_id": client_id, "secret": secret, "settings": options}]}


def ldap() -> Configuration | None:
    """``TONGPIN_LDAP_…``: the company's directory; None without ``TONGPIN_LDAP_URL``. Raises ValueError."""
    url = os.environ.get("TONGPIN_LDAP_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("TONGPIN_LDAP_URL is ldaps://host or ldap://host, with a port if need be")
    base = os.environ.get("TONGPIN_LDAP_BASE", "").strip()
    if not base:
        raise ValueError("TONGPIN_LDAP_URL is set, so TONGPIN_LDAP_BASE must be too")
    bind = together("TONGPIN_LDAP_BIND_DN", "TONGPIN_LDAP_BIND_PASSWORD") or ["", ""]
    ad = choice("TONGPIN_LDAP_KIND", "openldap", "ad") == "ad"
    secure = parts.scheme == "ldaps"
    people = "(&(objectCategory=person)(objectClass=user))" if ad else "(objectClass=inetOrgPerson)"
    return Configuration(
        host=parts.hostname,
        port=parts.port or (636 if secure else 389),
        tls="ldaps" if secure else "starttls" if flag("TONGPIN_LDAP_STARTTLS", True) else "off",
        base=base,
        ad=ad,
        filter=os.environ.get("TONGPIN_LDAP_FILTER") or people,
        login=os.environ.get("TONGPIN_LDAP_LOGIN") or ("sAMAccountName" if ad else "uid"),
        bind_dn=bind[0],
        bind_password=bind[1],
        ca_file=os.environ.get("TONGPIN_LDAP_CA_FILE", ""),
        workspace=os.environ.get("TONGPIN_LDAP_WORKSPACE", ""),
        departments=flag("TONGPIN_LDAP_DEPARTMENTS"),
    )


def upgrade_feed() -> str:
    """``TONGPIN_UPGRADE_FEED``: an address that tells the newest version once a day, as GitHub and Gitea tell a latest
    release (JSON with ``tag_name`` and ``html_url``); "", the default, asks nobody. Raises ValueError.
    """
    address = os.environ.get("TONGPIN_UPGRADE_FEED", "").strip()
    if address and not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", address):
        raise ValueError("TONGPIN_UPGRADE_FEED is an http(s) address such as https://example.com/latest.json")
    return address


def robot_hosts() -> list[str]:
    """``TONGPIN_ROBOT_HOSTS``: chat servers of one's own network, apart by commas, that group robots may post to."""
    return _hosts("TONGPIN_ROBOT_HOSTS")


def forward_hosts() -> list[str]:
    """``TONGPIN_FORWARD_HOSTS``: hosts of one's own network, apart by commas, that events may be passed on to."""
    return _hosts("TONGPIN_FORWARD_HOSTS")


def push_hosts() -> list[str]:
    """``TONGPIN_PUSH_HOSTS``: push services of one's own network, apart by commas, that browsers may name."""
    return _hosts("TONGPIN_PUSH_HOSTS")


def _hosts(name: str) -> list[str]:
    named = os.environ.get(name, "").split(",")
    return [host.strip().lower() for host in named if host.strip()]


def at_least_one(name: str, default: int) -> int:
    """A variable that is a whole number above zero. Raises ValueError for anything else."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError(f"{name} is “{text}”; it is a whole number, 1 or more")
    return int(text)


def oidc_providers() -> dict[str, Any]:
    """allauth's provider settings from ``TONGPIN_OIDC_ISSUER``, ``_CLIENT_ID``, ``_CLIENT_SECRET``, ``_NAME``."""
    issuer = os.environ.get("TONGPIN_OIDC_ISSUER")
    if not issuer:
        return {}
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": os.environ.get("TONGPIN_OIDC_NAME", "OpenID Connect"),
                    "client_id": os.environ.get("TONGPIN_OIDC_CLIENT_ID", ""),
                    "secret": os.environ.get("TONGPIN_OIDC_CLIENT_SECRET", ""),
                    "settings": {"server_url": issuer},
                }
            ],
        }
    }
