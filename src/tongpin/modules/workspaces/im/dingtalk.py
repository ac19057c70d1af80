"""DingTalk 钉钉: OAuth 2 in its own words.

Anyone with DingTalk can sign in to an app, so the person chooses one of their companies there (``corpid`` among the
scopes), and only the configured company is taken.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tongpin.modules.workspaces.im.vendor import (
    NotOfTheCompany,
    VendorAdapter,
    VendorProvider,
    VendorRefused,
    text,
)


class DingTalkAdapter(VendorAdapter):
    provider_id = "dingtalk"
    login_url = "https://login.dingtalk.com/oauth2/auth"
    api = "https://api.dingtalk.com/v1.0"

    def __init__(self, request: HttpRequest) -> None:
        if "authCode" in request.GET:  # what everyone else calls ``code``
            given = request.GET.copy()
            given["code"] = given["authCode"]
            request.GET = given
        super().__init__(request)

    def leaving_with(self, callback_url: str) -> dict[str, str]:
        return {
            "client_id": self.app.client_id,
            "redirect_uri": callback_url,
            "response_type": "code",
            "scope": "openid corpid",
            "prompt": "consent",
            "corpId": self.app.settings["corp_id"],
        }

    def person(self, code: str, verifier: str | None) -> dict[str, Any]:
        asked = {
            "clientId": self.app.client_id,
            "clientSecret": self.app.secret,
            "code": code,
            "grantType": "authorization_code",
        }
        granted = self.ask("POST", "/oauth2/userAccessToken", json=asked)
        token = text(granted, "accessToken")
        if not token:
            raise VendorRefused(f"/oauth2/userAccessToken: {text(granted, 'code') or 'no token'}")
        if granted.get("corpId") != self.app.settings["corp_id"]:
            raise NotOfTheCompany("dingtalk: another company")
        who = self.ask("GET", "/contact/users/me", headers={"x-acs-dingtalk-access-token": token})
        uid = text(who, "unionId")
        if not uid:
            raise VendorRefused(f"/contact/users/me: {text(who, 'code') or 'no unionId'}")
        return {"uid": uid, "name": text(who, "nick"), "email": text(who, "email")}


class DingTalkProvider(VendorProvider):
    id = "dingtalk"
    name = _("DingTalk")
    oauth2_adapter_class = DingTalkAdapter
