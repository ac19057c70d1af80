"""Sign-in with Feishu, DingTalk and WeCom, against doubles that answer as the vendors document."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from structlog.testing import capture_logs

from tongpin.kernel.events.models import Event
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.tenancy.models import Membership, User
from tongpin.modules.workspaces.actions.invitation import create_link

from . import vendors as doubles
from .signing_in import is_in
from .signing_in import sign_in as by_password

pytestmark = pytest.mark.django_db
ALL = ("feishu", "dingtalk", "wecom")
NAMES = {"feishu": "Feishu", "dingtalk": "DingTalk", "wecom": "WeCom"}


@pytest.fixture
def vendors(settings):
    cache.clear()
    with doubles.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = running.providers()
        yield running


def person(vendor: str, key: str, name: str = "沈一诺", email: str = "") -> dict:
    """Somebody of the company, as the vendor describes them."""
    if vendor == "feishu":
        return {
            "union_id": f"on_{key}",
            "open_id": f"ou_{key}",
            "name": name,
            "email": email,
            "tenant_key": "tenant-1",
        }
    if vendor == "dingtalk":
        mail = {"email": email} if email else {}
        return {"unionId": f"un_{key}", "openId": f"op_{key}", "nick": name, **mail, "corpId": "corp-1"}
    detail = {"detail": {"biz_mail": email}} if email else {}
    return {"userid": key, "name": name, **detail}


def leave(browser: Client, vendor: str, query: str = "", **headers):
    """Press the button: the address of the vendor's page, and its parameters."""
    page = browser.post(f"/accounts/im/{vendor}/login/{query}", **headers)
    assert page.status_code == 200
    found = re.search(r"URL=(?:&#x27;|')(.*?)(?:&#x27;|')\"", page.content.decode())
    address = urlsplit(html.unescape(found[1]))
    return address, {name: values[0] for name, values in parse_qs(address.query).items()}


def sign_in(
    browser: Client, vendors, vendor: str, who: dict, code: str = "code-1", query: str = "", follow=False
):
    """Press the button, agree over there, come back."""
    _address, asked = leave(browser, vendor, query)
    vendors.people[code] = who
    vendors.challenges[code] = asked.get("code_challenge", "")
    name = "authCode" if vendor == "dingtalk" else "code"
    back = urlsplit(asked["redirect_uri"]).path
    return browser.get(back, {name: code, "state": asked["state"]}, follow=follow)


def test_a_button_for_each_that_is_set_up_in_the_readers_language(client, vendors, settings):
    page = client.get("/accounts/login/").content.decode()
    assert [name for name in NAMES.values() if f"Continue with {name}" in page] == list(NAMES.values())
    chinese = client.get("/accounts/login/", headers={"accept-language": "zh-CN"}).content.decode()
    assert [name for name in ("飞书", "钉钉", "企业微信") if name in chinese] == ["飞书", "钉钉", "企业微信"]
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Feishu" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/im/feishu/login/").status_code == 404
    assert client.get("/accounts/im/feishu/login/callback/").status_code == 404
    assert client.get("/accounts/im/nobody/login/").status_code == 404


def test_where_each_leads(client, vendors):
    address, asked = leave(client, "feishu")
    assert address.geturl().startswith("https://accounts.feishu.cn/open-apis/authen/v1/authorize?")
    assert (asked["client_id"], asked["code_challenge_method"]) == ("cli_1", "S256")
    assert asked["redirect_uri"] == "http://testserver/accounts/im/feishu/login/callback/"
    address, asked = leave(client, "dingtalk")
    assert address.geturl().startswith("https://login.dingtalk.com/oauth2/auth?")
    assert (asked["scope"], asked["corpId"], asked["prompt"]) == ("openid corpid", "corp-1", "consent")
    address, asked = leave(client, "wecom")
    assert address.geturl().startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?")
    assert (asked["login_type"], asked["appid"], asked["agentid"]) == ("CorpApp", "ww1", "1000002")
    address, asked = leave(
        client, "wecom", headers={"user-agent": "Mozilla/5.0 wxwork/4.1.22 MicroMessenger"}
    )
    assert address.geturl().startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
    assert (asked["scope"], address.fragment) == ("snsapi_privateinfo", "wechat_redirect")


@pytest.mark.parametrize("vendor", ALL)
def test_a_link_does_not_choose_what_is_asked_for(client, vendors, vendor):
    _address, plain = leave(client, vendor)
    query = "?scope=everything&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example%26corpId%3Dother"
    _address, asked = leave(client, vendor, query)
    changing = {"state", "code_challenge"}
    assert {k: v for k, v in asked.items() if k not in changing} == {
        k: v for k, v in plain.items() if k not in changing
    }


@pytest.mark.parametrize("vendor", ALL)
def test_who_is_not_asked_by_a_page_of_ours_is_refused(client, vendors, vendor):
    """Someone else's answer, slipped under a visitor: its state was never given to this browser."""
    other = Client()
    _address, asked = leave(other, vendor)
    vendors.people["code-1"] = person(vendor, "mallory")
    back = f"/accounts/im/{vendor}/login/callback/"
    for state in ({}, {"state": "made-up"}, {"state": asked["state"]}):
        answer = client.get(back, {"code": "code-1", "authCode": "code-1", **state})
        assert answer.status_code == 401
    assert not is_in(client)
    assert vendors.calls == []


@pytest.mark.parametrize("vendor", ALL)
def test_an_answer_counts_once(client, vendors, people, vendor):
    _address, asked = leave(client, vendor)
    vendors.people["code-1"] = person(vendor, "u1")
    vendors.challenges["code-1"] = asked.get("code_challenge", "")
    back = f"/accounts/im/{vendor}/login/callback/"
    given = {"code": "code-1", "authCode": "code-1", "state": asked["state"]}
    assert client.get(back, given).headers["Location"] == "/accounts/oidc/signup/"
    assert client.get(back, given).status_code == 401


@pytest.mark.parametrize("vendor", ALL)
def test_a_new_person_without_an_address_is_asked_for_it_and_confirms_it(client, vendors, people, vendor):
    page = sign_in(client, vendors, vendor, person(vendor, "u1"), follow=True)
    assert f"{NAMES[vendor]} did not give us an e-mail address" in page.content.decode()
    assert not User.objects.filter(name="沈一诺").exists()
    refused = client.post("/accounts/oidc/signup/", {"email": "not an address"})
    assert 'value="not an address"' in refused.content.decode()
    client.post("/accounts/oidc/signup/", {"email": "Nuo@corp.example"})
    user = User.objects.get(email="nuo@corp.example")
    assert (user.name, user.pinyin, user.has_usable_password()) == ("沈一诺", "shen yi nuo", False)
    assert not is_in(client)
    mail = OutboxMail.objects.get(to="nuo@corp.example")
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", mail.text)[1]
    client.post(link)
    assert EmailAddress.objects.get(user=user).verified
    sign_in(client, vendors, vendor, person(vendor, "u1"), "code-2")
    assert is_in(client)
    method = Event.objects.filter(actor=user, name="workspaces.signed_in").latest("pk").payload["method"]
    assert method == vendor
    assert SocialAccount.objects.get(user=user).extra_data == {"name": "沈一诺"}


@pytest.mark.parametrize("vendor", ALL)
def test_an_invited_person_is_in_the_workspace(client, vendors, people, actor_of, vendor, settings):
    settings.SIGN_UP = "invited"
    row = create_link.run(actor_of("admin"), {"role": "guest"}).value
    client.get(f"/invite/{row.secret}/")
    answer = sign_in(client, vendors, vendor, person(vendor, "kim", "Kim", "kim@corp.example"))
    assert answer.headers["Location"] == "/w/acme/"
    assert Membership.objects.get(user__email="kim@corp.example").role == "guest"


@pytest.mark.parametrize("vendor", ALL)
def test_who_is_unknown_stays_out_where_only_the_invited_sign_up(client, vendors, people, vendor, settings):
    settings.SIGN_UP = "invited"
    sign_in(client, vendors, vendor, person(vendor, "u1", email="nuo@corp.example"))
    assert not is_in(client)
    assert not User.objects.filter(email="nuo@corp.example").exists()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("vendor", ALL)
@pytest.mark.parametrize("confirmed", [True, False])
def test_an_address_leads_to_nobodys_account(client, vendors, people, vendor, confirmed):
    """Whoever writes a colleague's address into their profile over there gets nothing by it."""
    member = people.member.user
    if confirmed:
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    sign_in(client, vendors, vendor, person(vendor, "mallory", email=member.email))
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    member.refresh_from_db()
    assert member.has_usable_password()


@pytest.mark.parametrize("vendor", ALL)
def test_a_signed_in_person_connects_theirs_and_then_comes_in_by_it(vendors, people, vendor):
    browser = by_password()
    browser.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    sign_in(browser, vendors, vendor, person(vendor, "m1"), query="?process=connect")
    assert SocialAccount.objects.get().user == people.member.user
    page = browser.get("/accounts/connections/").content.decode()
    assert NAMES[vendor] in page
    assert "沈一诺" in page
    assert [name for name in NAMES.values() if f"Connect {name}" in page] == [
        name for key, name in NAMES.items() if key != vendor
    ]
    later = Client()
    sign_in(later, vendors, vendor, person(vendor, "m1"), "code-2")
    assert later.get("/w/acme/members/").status_code == 200


@pytest.mark.parametrize("vendor", ALL)
def test_someone_of_another_company_is_told_so(client, vendors, people, vendor):
    stranger = person(vendor, "x", email="x@else.example")
    stranger |= {"feishu": {"tenant_key": "t-2"}, "dingtalk": {"corpId": "c-2"}, "wecom": {}}[vendor]
    stranger.pop("userid", None)
    answer = sign_in(client, vendors, vendor, stranger)
    assert answer.status_code == 403
    assert "This account is of another company" in answer.content.decode()
    assert not User.objects.filter(email="x@else.example").exists()


def test_saying_no_over_there_is_said_plainly(client, vendors):
    for vendor, word in (("feishu", {"error": "access_denied"}), ("wecom", {})):
        _address, asked = leave(client, vendor)
        back = f"/accounts/im/{vendor}/login/callback/"
        page = client.get(back, {"state": asked["state"], **word}, follow=True).content.decode()
        assert "You cancelled signing in" in page


@pytest.mark.parametrize("vendor", ALL)
def test_a_vendor_that_answers_nonsense_is_said_plainly_and_no_secret_is_logged(client, vendors, vendor):
    vendors.broken = True
    with capture_logs() as logged:
        answer = sign_in(client, vendors, vendor, person(vendor, "u1"))
    assert answer.status_code == 401
    assert "Signing in did not work" in answer.content.decode()
    mine = [line for line in logged if line["event"] == "sign_in.provider_failed"]
    assert [line["provider"] for line in mine] == [vendor]
    assert doubles.SECRET not in str(logged)


def test_wecom_is_asked_for_its_token_once_and_again_when_it_has_run_out(vendors, people):
    for number in (1, 2):
        sign_in(Client(), vendors, "wecom", person("wecom", "u1"), f"code-{number}")
    assert vendors.calls.count("/wecom/gettoken") == 1
    vendors.wecom_token = "wecom-token-2"
    answer = sign_in(Client(), vendors, "wecom", person("wecom", "u1"), "code-3")
    assert answer.headers["Location"] == "/accounts/oidc/signup/"
    assert vendors.calls.count("/wecom/gettoken") == 2


def test_wecom_without_the_address_book_gives_the_id_for_a_name(client, vendors, people):
    sign_in(client, vendors, "wecom", {"userid": "ZhangSan", "detail": {"email": "z@corp.example"}})
    assert User.objects.get(email="z@corp.example").name == "ZhangSan"
    assert SocialAccount.objects.get().uid == "ww1:zhangsan"


def test_what_a_squatter_linked_is_gone_when_the_owner_of_the_address_takes_the_account(
    client, vendors, people
):
    """Signed up in advance with someone's address, never confirmed; the owner then resets the password by mail."""
    squatter = person("feishu", "mallory", "Mallory", "victim@corp.example")
    sign_in(Client(), vendors, "feishu", squatter)
    victim = User.objects.get(email="victim@corp.example")
    OutboxMail.objects.all().delete()
    client.post("/accounts/password/reset/", {"email": victim.email})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", OutboxMail.objects.get().text)[1]
    form = client.get(link).headers["Location"]
    client.post(form, {"password1": "a new and long one", "password2": "a new and long one"})
    victim.refresh_from_db()
    assert victim.check_password("a new and long one")
    assert not SocialAccount.objects.exists()
    later = Client()
    sign_in(later, vendors, "feishu", squatter, "code-2")
    assert not is_in(later)
