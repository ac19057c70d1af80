"""Which events of a catalogue mean what: signing up, paying, looking at a page, what the product is for.

Names are cut into words (``orderPaid``, ``order_paid`` and ``Order Paid`` are the same two) and compared with the table
below, in English and Chinese; of several that fit, key events come first, then exact names, then the most frequent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tongpin.modules.analytics.insights.session_rows import PAGEVIEW


class Part(StrEnum):
    """What part an event plays in a template."""

    ANY = "any"
    SIGN_UP = "sign_up"
    PAY = "pay"
    PAGE = "page"
    CORE = "core"


#: Words in a row that say so, in English; and what a Chinese name has in it.
WORDS: dict[Part, tuple[tuple[str, ...], ...]] = {
    Part.SIGN_UP: (
        *(("sign", "up"), ("signed", "up"), ("signup",), ("register",), ("registered",), ("registration",)),
        *(("account", "created"), ("create", "account"), ("user", "created"), ("complete", "registration")),
    ),
    Part.PAY: (
        *(("purchase",), ("purchased",), ("pay",), ("paid",), ("payment",), ("checkout", "completed")),
        *(
            ("order", "completed"),
            ("order", "paid"),
            ("pay", "order"),
            ("subscribed",),
            ("subscription", "started"),
        ),
    ),
    Part.PAGE: (("pageview",), ("page", "view"), ("view", "screen"), ("screen",)),
}
CHINESE: dict[Part, tuple[str, ...]] = {
    Part.SIGN_UP: ("注册成功", "完成注册", "注册", "开户"),
    Part.PAY: ("支付成功", "付款成功", "支付", "付款", "购买", "下单", "订阅", "充值"),
    Part.PAGE: ("浏览页面", "页面浏览", "访问页面"),
}
#: Not what happened, or the way there.
NOT = frozenset(
    {"fail", "failed", "failure", "error", "cancel", "canceled", "cancelled", "refund", "refunded", "start"}
)
NOT_CHINESE = ("失败", "取消", "退款", "点击", "开始", "按钮")
#: Nobody's reason to use a product.
IDLE = frozenset({"login", "logout", "heartbeat", "ping", "launch", "open", "opened", "click", "clicked"})
IDLE_CHINESE = ("登录", "登出", "启动", "心跳", "打开")
AMOUNTS = ("amount", "revenue", "value", "price", "total", "money", "金额", "实付", "收入", "营收")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Known:
    """An event of the catalogue: how many came, whether it is a key event, and the names of its number properties."""

    name: str
    total: int = 0
    key: bool = False
    numbers: Sequence[str] = field(default=())


def words(name: str) -> tuple[str, ...]:
    """``$SignUp`` is ``sign up``."""
    return tuple(found.lower() for found in _WORD.findall(name))


def find(part: Part, events: Iterable[Known]) -> list[Known]:
    """The events that play the part, the likeliest first."""
    seen = [event for event in events if event.total > 0]
    if part is Part.ANY:
        return sorted(seen, key=_rank)
    if part is Part.CORE:
        return sorted((event for event in seen if _is_core(event)), key=_rank)
    if (
        part is Part.PAGE
    ):  # paths by page and visits know it by this name alone, which every SDK of a site sends
        return [event for event in seen if event.name == PAGEVIEW]
    fits = [(closeness, event) for event in seen if (closeness := _closeness(part, event.name)) is not None]
    ranked = sorted(fits, key=lambda each: (not each[1].key, each[0], -each[1].total, each[1].name))
    return [event for _closeness_of, event in ranked]


def amount(event: Known) -> str:
    """The property that says how much was paid; "" for none."""
    for word in AMOUNTS:
        for name in event.numbers:
            if word in words(name) or (not word.isascii() and word in name):
                return name
    return ""


def _rank(event: Known) -> tuple[bool, int, str]:
    return not event.key, -event.total, event.name


def _is_core(event: Known) -> bool:
    if event.name.startswith("$") or any(_closeness(part, event.name) is not None for part in WORDS):
        return False
    idle = (IDLE | NOT).intersection(words(event.name))
    return not idle and not any(word in event.name for word in (*IDLE_CHINESE, *NOT_CHINESE))


def _closeness(part: Part, name: str) -> int | None:
    """How far a name is from the part's words: 0 where it is nothing else; None where it does not fit."""
    said = words(name)
    if NOT.intersection(said) or any(word in name for word in NOT_CHINESE):
        return None
    for place, wanted in enumerate(CHINESE[part]):
        if wanted in name:
            return 0 if name == wanted else 1 + place
    fits = [
        len(said) - len(wanted)
        for wanted in WORDS[part]
        if any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1))
    ]
    return min(fits, default=None)
