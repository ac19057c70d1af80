"""Feishu 飞书, and Lark, its international edition: OAuth 2 with PKCE.

An app that a company made for itself lets in only people of that company; with TONGPIN_FEISHU_TENANT set it is
checked here as well.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.modules.workspaces.im.vendor import (
    NotOfTheCompany,
    VendorAdapter,
    VendorProvider,
    VendorRefused,
    text,
)


class FeishuAdapter(VendorAdapter):
    provider_id = "feishu"
    login_url = "https://accounts.feishu.cn/open-apis/authen/v1/authorize"
    api = "https://open.feishu.cn/open-apis"

    def leaving_with(self, callback_url: str) -> dict[str, str]:
        return {"client_id": self.app.client_id, "redirect_uri": callback_url, "response_type": "code"}

    def person(self, code: str, verifier: str | None) -> dict[str, Any]:
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.app.client_id,
            "client_secret": self.app.secret,
            "code": code,
            "redirect_uri": self.get_callback_url(self.request, self.app),
            "code_verifier": verifier,
        }
        token = text(self._checked("POST", "/authen/v2/oauth/token", json=asked), "access_token")
        if not token:
            raise VendorRefused("/authen/v2/oauth/token: no token")
        answer = self._checked(
            "GET", "/authen/v1/user_info", headers={"Authorization": f"Bearer {token}"}
        ).get("data")
        who = answer if isinstance(answer, dict) else {}
        tenant = self.app.settings.get("tenant")
        if tenant and who.get("tenant_key") != tenant:
            raise NotOfTheCompany("feishu: another tenant")
        # The same for every app of a company: it stays when the app is made anew.
        uid = text(who, "union_id")
        if not uid:
            raise VendorRefused("/authen/v1/user_info: no union_id")
        return {
            "uid": uid,
            "name": text(who, "name", "en_name"),
            "email": text(who, "enterprise_email", "email"),
        }

    def _checked(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        answer = self.ask(method, path, **how)
        if answer.get("code") != 0:
            raise VendorRefused(f"{path}: code {answer.get('code')}")
        return answer


class FeishuProvider(VendorProvider):
    id = "feishu"
    name = _("Feishu")
    oauth2_adapter_class = FeishuAdapter
    pkce_enabled_default = True
