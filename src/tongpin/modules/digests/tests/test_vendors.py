"""Bodies, signatures and answers, against the vendors' documented examples (sources: each vendor's module)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tongpin.kernel.errors import Invalid
from tongpin.modules.digests.enums import Verdict, Why
from tongpin.modules.digests.vendors import VENDORS, dingtalk, feishu, slack, vendor_of, wecom
from tongpin.modules.digests.vendors.base import Line, Note

NOTE = Note(
    "同频 · STF", [Line("宋晚 修改了项目的名称", "STF 移动打卡", "https://t.example/w/a/projects/STF")]
)
AT = datetime(2021, 8, 26, 7, 0, tzinfo=UTC)
ATTACK = (
    '<at id=all></at> <!channel> <@all> [free](https://evil.example) **x** `y` <font color="warning">z</font>'
)


@pytest.mark.parametrize(
    ("address", "vendor"),
    [
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abc-1", "feishu"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/abc-1", "feishu"),
        ("https://oapi.dingtalk.com/robot/send?access_token=abc", "dingtalk"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc", "wecom"),
        ("https://hooks.slack.com/services/T0/B0/x", "slack"),
        ("https://chat.acme.example/hooks/x", "slack"),
    ],
)
def test_an_address_tells_its_vendor(address, vendor):
    assert vendor_of(address) == vendor


@pytest.mark.parametrize(
    "address",
    [
        "oapi.dingtalk.com/robot/send?access_token=abc",
        "http://oapi.dingtalk.com/robot/send?access_token=abc",
        "https://oapi.dingtalk.com/robot/send",
        "https://oapi.dingtalk.com/robot/other?access_token=abc",
        "https://oapi.dingtalk.com:8443/robot/send?access_token=abc",
        "https://user@oapi.dingtalk.com/robot/send?access_token=abc",
        "https://open.feishu.cn/open-apis/bot/v2/hook/",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://hooks.slack.com/a b",
        "https://[::1",
        "ftp://chat.acme.example/x",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_robot_s_address_is_refused(address):
    with pytest.raises(Invalid) as refusal:
        vendor_of(address)
    assert refusal.value.field == "address"


def test_feishu_s_body_and_signature():
    address, body = feishu.sign("https://x", feishu.card(NOTE), "demo", AT)
    assert address == "https://x"
    assert body["timestamp"] == "1629961200"
    # openssl dgst -sha256 -hmac $'1629961200\ndemo' of nothing
    assert body["sign"] == "ItOXSl4WlLWYtsD4igaA56qntEu2OlogGysUfK1ic08="
    assert body["msg_type"] == "interactive"
    assert body["card"]["header"]["title"] == {"tag": "plain_text", "content": "同频 · STF"}
    assert body["card"]["elements"] == [
        {
            "tag": "markdown",
            "content": "宋晚 修改了项目的名称 [STF 移动打卡](https://t.example/w/a/projects/STF)",
        }
    ]


def test_dingtalk_s_body_and_signature():
    address, body = dingtalk.sign(
        "https://d/robot/send?access_token=t", dingtalk.card(NOTE), "this is secret", AT
    )
    # openssl dgst -sha256 -hmac 'this is secret' of $'1629961200000\nthis is secret', percent-encoded
    assert address == (
        "https://d/robot/send?access_token=t&timestamp=1629961200000&sign=FsgEs0V9V7wfSWHTxglflxYtxAlXoIyy3ELPBe9RRCA%3D"
    )
    assert body == {
        "msgtype": "markdown",
        "markdown": {
            "title": "同频 · STF",
            "text": "#### 同频 · STF\n\n宋晚 修改了项目的名称 [STF 移动打卡](https://t.example/w/a/projects/STF)",
        },
    }


def test_wecom_s_body():
    assert wecom.card(NOTE) == {
        "msgtype": "markdown",
        "markdown": {
            "content": "**同频 · STF**\n宋晚 修改了项目的名称 [STF 移动打卡](https://t.example/w/a/projects/STF)"
        },
    }


def test_slack_s_body():
    body = slack.card(Note("Tongpin", [Line("Kim & Mu", "A <b>", "https://t.example/a"), Line("Kim left")]))
    assert body["text"] == "Tongpin"
    assert body["blocks"][0]["text"] == {"type": "plain_text", "text": "Tongpin"}
    assert body["blocks"][1]["text"] == {
        "type": "mrkdwn",
        "text": "• Kim &amp; Mu <https://t.example/a|A &lt;b&gt;>\n• Kim left",
    }


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_people_type_stays_text(vendor):
    """No title or name may call everybody, hide a link, or change how the rest is read."""
    text = json.dumps(VENDORS[vendor].card(Note(ATTACK, [Line(ATTACK, ATTACK)])), ensure_ascii=False)
    title = {"feishu": 1, "slack": 1}.get(vendor, 0)  # their headers are plain text by kind
    for markup in ("<at ", "<!channel>", "<@all>", "[free](", "**x**", "<font "):
        assert text.count(markup) <= title, markup


@pytest.mark.parametrize(
    ("vendor", "answer", "verdict", "why"),
    [
        ("feishu", {"code": 0, "msg": "success", "data": {}, "StatusCode": 0}, "delivered", None),
        ("feishu", {"StatusCode": 0, "StatusMessage": "success"}, "delivered", None),
        ("feishu", {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, "fix", "sign"),
        ("feishu", {"code": 19022, "msg": "Ip Not Allowed"}, "fix", "ip"),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, "fix", "keyword"),
        ("feishu", {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}, "fix", "gone"),
        ("feishu", {"code": 9499, "msg": "Bad Request", "data": {}}, "rejected", "rejected"),
        ("feishu", {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"}, "later", "limited"),
        ("feishu", {"code": 99999, "msg": "?"}, "trouble", "unreached"),
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}, "delivered", None),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, "later", "limited"),
        ("dingtalk", {"errcode": 410100, "errmsg": "发送速度太快而限流"}, "later", "limited"),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, "fix", "keyword"),
        ("dingtalk", {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配"}, "fix", "sign"),
        ("dingtalk", {"errcode": 310000, "errmsg": "invalid timestamp"}, "fix", "sign"),
        ("dingtalk", {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, "fix", "ip"),
        ("dingtalk", {"errcode": 300001, "errmsg": "token is not exist"}, "fix", "gone"),
        ("dingtalk", {"errcode": 400102, "errmsg": "机器人已停用"}, "fix", "gone"),
        ("dingtalk", {"errcode": 430104, "errmsg": "含有不合适的内容"}, "rejected", "rejected"),
        ("dingtalk", {"errcode": -1, "errmsg": "系统繁忙"}, "trouble", "unreached"),
        ("wecom", {"errcode": 0, "errmsg": "ok"}, "delivered", None),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "later", "limited"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "fix", "gone"),
        ("wecom", {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}, "rejected", "rejected"),
    ],
)  # fmt: skip
def test_an_answer_in_the_body(vendor, answer, verdict, why):
    found = VENDORS[vendor].read_answer(200, {}, json.dumps(answer, ensure_ascii=False))
    assert (found.verdict, found.why) == (verdict, why)


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_answer_by_its_status(vendor):
    def read(status, text="", **headers):
        return VENDORS[vendor].read_answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, text)

    late = read(429, "", Retry_After="30")
    assert (late.verdict, late.wait) == (Verdict.LATER, 30)
    assert read(429).wait == 60
    assert (read(302).verdict, read(302).why) == (Verdict.FIX, Why.ADDRESS)
    assert read(502, "<html>").verdict == Verdict.TROUBLE


@pytest.mark.parametrize("vendor", ["feishu", "dingtalk", "wecom"])
def test_a_page_in_place_of_an_answer_is_not_taken_for_delivery(vendor):
    assert VENDORS[vendor].read_answer(200, {}, "<html>sign in</html>").verdict == Verdict.TROUBLE


@pytest.mark.parametrize(
    ("status", "text", "verdict", "why"),
    [
        (200, "ok", "delivered", None),
        (404, "no_service", "fix", "gone"),
        (410, "channel_is_archived", "fix", "gone"),
        (403, "action_prohibited", "fix", "gone"),
        (400, "invalid_payload", "rejected", "rejected"),
        (400, "user_not_found", "fix", "gone"),
    ],
)
def test_slack_answers_in_words(status, text, verdict, why):
    found = slack.read_answer(status, {}, text)
    assert (found.verdict, found.why) == (verdict, why)


def test_dingtalk_shuts_out_for_ten_minutes():
    assert dingtalk.read_answer(200, {}, '{"errcode":410100,"errmsg":"x"}').wait == 600
