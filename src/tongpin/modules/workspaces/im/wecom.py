"""WeCom 企业微信: a code is exchanged with the app's own token; there is none of the person's.

WeCom holds back apps that ask for their token too often, so it is kept, encrypted, for as long as it lives.
"""

from __future__ import annotations

import contextlib
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import keyring
from tongpin.modules.workspaces.im.vendor import (
    NotOfTheCompany,
    VendorAdapter,
    VendorProvider,
    VendorRefused,
    text,
)

#: What WeCom says of a token that is not, or no longer, good.
STALE = {40014, 42001}
#: Seconds before its end at which a kept token is no longer used.
EARLY = 300


class WeComAdapter(VendorAdapter):
    provider_id = "wecom"
    login_url = "https://login.work.weixin.qq.com/wwlogin/sso/login"
    inside_url = "https://open.weixin.qq.com/connect/oauth2/authorize"
    api = "https://qyapi.weixin.qq.com/cgi-bin"
    login_cancelled_error = None  # who says no comes back without a code, and without a word

    @property
    def _inside(self) -> bool:
        """Whether the page is open in WeCom itself, which knows who is there: nothing needs scanning."""
        return "wxwork" in self.request.META.get("HTTP_USER_AGENT", "").lower()

    @property
    def fragment(self) -> str:  # type: ignore[override]
        return "#wechat_redirect" if self._inside else ""

    @property
    def authorize_url(self) -> str:
        if self._inside:
            return str(self.app.settings.get("inside_url") or self.inside_url)
        return super().authorize_url

    def leaving_with(self, callback_url: str) -> dict[str, str]:
        where = {
            "appid": self.app.client_id,
            "agentid": self.app.settings["agent_id"],
            "redirect_uri": callback_url,
        }
        if self._inside:
            return {**where, "response_type": "code", "scope": "snsapi_privateinfo"}
        return {**where, "login_type": "CorpApp"}

    def person(self, code: str, verifier: str | None) -> dict[str, Any]:
        found = self._with_token("GET", "/auth/getuserinfo", params={"code": code})
        # Somebody from outside has ``openid`` or ``external_userid`` in its place.
        member = text(found, "userid", "UserId")
        if not member:
            raise NotOfTheCompany("wecom: not a member")
        name, email = "", ""
        if ticket := text(found, "user_ticket"):  # only of who has agreed to it
            detail = self._with_token("POST", "/auth/getuserdetail", json={"user_ticket": ticket})
            email = text(detail, "biz_mail", "email")
        try:
            known = self._with_token("GET", "/user/get", params={"userid": member})
        except VendorRefused:  # the app may not read the address book
            pass
        else:
            name, email = text(known, "name"), email or text(known, "biz_mail", "email")
        # Ids are of one company, and written in either case.
        return {"uid": f"{self.app.client_id}:{member.lower()}", "name": name or member, "email": email}

    def _with_token(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        """Call with the app's token, once more with a new one where the kept one has run out."""
        params = how.pop("params", {})
        answer: dict[str, Any] = {}
        for fresh in (False, True):
            asked = {**params, "access_token": self._token(fresh=fresh)}
            answer = self.ask(method, path, params=asked, **how)
            if answer.get("errcode") not in STALE:
                break
        if answer.get("errcode") != 0:
            raise VendorRefused(f"{path}: errcode {answer.get('errcode')}")
        return answer

    def _token(self, *, fresh: bool) -> str:
        key = f"wecom:{self.app.client_id}:{self.app.settings['agent_id']}"
        kept = None if fresh else cache.get(key)
        if kept:
            with contextlib.suppress(keyring.KeyLost):
                return keyring.decrypt(kept)
        asked = {"corpid": self.app.client_id, "corpsecret": self.app.secret}
        answer = self.ask("GET", "/gettoken", params=asked)
        token, lasts = text(answer, "access_token"), answer.get("expires_in")
        if not token:
            raise VendorRefused(f"/gettoken: errcode {answer.get('errcode')}")
        if isinstance(lasts, int) and lasts > EARLY:
            cache.set(key, keyring.encrypt(token), timeout=lasts - EARLY)
        return token


class WeComProvider(VendorProvider):
    id = "wecom"
    name = _("WeCom")
    oauth2_adapter_class = WeComAdapter
