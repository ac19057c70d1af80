"""The messengers' sign-in servers, as their documentation describes them, on loopback.

Each checks what it is sent the way the vendor does (secret, code once only, PKCE, token) and answers in the vendor's
form, errors included.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET = "s3cret-of-the-app"


class Vendors:
    """What the doubles know: ``people`` by code, which challenge a code was given for, and every call made."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.challenges: dict[str, str] = {}
        self.calls: list[str] = []
        self.wecom_token = "wecom-token-1"
        self.broken = False
        self.url = ""

    # -- Feishu ----------------------------------------------------------------------------------------------------

    def feishu_token(self, body: dict[str, Any], **_: Any) -> tuple[int, dict[str, Any]]:
        if body.get("client_id") != "cli_1" or body.get("client_secret") != SECRET:
            return 400, {"code": 20002, "error": "invalid_client"}
        code = body.get("code", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body["code_verifier"].encode()).digest())
        if code not in self.people or self.challenges.get(code) != challenge.decode().rstrip("="):
            return 400, {"code": 20003, "error": "invalid_grant"}
        if not body["redirect_uri"].endswith("/accounts/im/feishu/login/callback/"):
            return 400, {"code": 20071, "error": "invalid_grant"}
        self.challenges.pop(code)
        return 200, {"code": 0, "access_token": f"u-{code}", "expires_in": 7200, "token_type": "Bearer"}

    def feishu_me(self, headers: Any, **_: Any) -> tuple[int, dict[str, Any]]:
        who = self.people.get(headers.get("Authorization", "").removeprefix("Bearer u-"))
        if who is None:
            return 401, {"code": 20005, "msg": "invalid access token"}
        return 200, {"code": 0, "msg": "success", "data": who}

    # -- DingTalk --------------------------------------------------------------------------------------------------

    def dingtalk_token(self, body: dict[str, Any], **_: Any) -> tuple[int, dict[str, Any]]:
        if body.get("clientId") != "ding1" or body.get("clientSecret") != SECRET:
            return 400, {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}
        code = body.get("code", "")
        if code not in self.people:
            return 400, {"code": "invalidParameter.authCode.notFound", "message": "不合法的临时授权码"}
        corp = self.people[code]["corpId"]
        return 200, {"accessToken": f"d-{code}", "refreshToken": "r", "expireIn": 7200, "corpId": corp}

    def dingtalk_me(self, headers: Any, **_: Any) -> tuple[int, dict[str, Any]]:
        who = self.people.get(headers.get("x-acs-dingtalk-access-token", "").removeprefix("d-"))
        if who is None:
            return 400, {"code": "InvalidAuthentication", "message": "不合法的access_token"}
        return 200, {name: value for name, value in who.items() if name != "corpId"}

    # -- WeCom -----------------------------------------------------------------------------------------------------

    def wecom_gettoken(self, query: dict[str, str], **_: Any) -> tuple[int, dict[str, Any]]:
        if query != {"corpid": "ww1", "corpsecret": SECRET}:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.wecom_token, "expires_in": 7200}

    def wecom_who(self, query: dict[str, str], **_: Any) -> tuple[int, dict[str, Any]]:
        if refused := self._wecom_refused(query):
            return refused
        who = self.people.get(query.get("code", ""))
        if who is None:
            return 200, {"errcode": 40029, "errmsg": "invalid code"}
        if "userid" not in who:
            return 200, {"errcode": 0, "errmsg": "ok", "openid": "o-1", "external_userid": "wm1"}
        ticket = {"user_ticket": f"t-{query['code']}"} if "detail" in who else {}
        return 200, {"errcode": 0, "errmsg": "ok", "userid": who["userid"], **ticket}

    def wecom_detail(
        self, query: dict[str, str], body: dict[str, Any], **_: Any
    ) -> tuple[int, dict[str, Any]]:
        if refused := self._wecom_refused(query):
            return refused
        who = self.people[body["user_ticket"].removeprefix("t-")]
        return 200, {"errcode": 0, "errmsg": "ok", "userid": who["userid"], **who["detail"]}

    def wecom_get(self, query: dict[str, str], **_: Any) -> tuple[int, dict[str, Any]]:
        if refused := self._wecom_refused(query):
            return refused
        who = next(p for p in self.people.values() if p.get("userid") == query["userid"])
        if "name" not in who:
            return 200, {"errcode": 60011, "errmsg": "no privilege to access/modify contact"}
        return 200, {"errcode": 0, "errmsg": "ok", "userid": who["userid"], "name": who["name"]}

    def _wecom_refused(self, query: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        if query.get("access_token") != self.wecom_token:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        return None

    ROUTES = {
        ("POST", "/feishu/authen/v2/oauth/token"): feishu_token,
        ("GET", "/feishu/authen/v1/user_info"): feishu_me,
        ("POST", "/dingtalk/oauth2/userAccessToken"): dingtalk_token,
        ("GET", "/dingtalk/contact/users/me"): dingtalk_me,
        ("GET", "/wecom/gettoken"): wecom_gettoken,
        ("GET", "/wecom/auth/getuserinfo"): wecom_who,
        ("POST", "/wecom/auth/getuserdetail"): wecom_detail,
        ("GET", "/wecom/user/get"): wecom_get,
    }

    def providers(self) -> dict[str, Any]:
        """Settings of a server on which all three are set up."""

        def one(vendor: str, client_id: str, **options: str) -> dict[str, Any]:
            given = {"api": f"{self.url}/{vendor}", **options}
            return {"APPS": [{"client_id": client_id, "secret": SECRET, "settings": given}]}

        return {
            "feishu": one("feishu", "cli_1", tenant="tenant-1"),
            "dingtalk": one("dingtalk", "ding1", corp_id="corp-1"),
            "wecom": one("wecom", "ww1", agent_id="1000002"),
        }


@contextmanager
def running() -> Any:
    """The three, until the block ends."""
    vendors = Vendors()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            at = urlsplit(self.path)
            vendors.calls.append(at.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, found = vendors.ROUTES[self.command, at.path](
                vendors, body=body, query=dict(parse_qsl(at.query)), headers=self.headers
            )
            text = b"<html>Bad gateway" if vendors.broken else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vendors.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield vendors
    finally:
        server.shutdown()
        server.server_close()
