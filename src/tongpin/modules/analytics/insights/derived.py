"""Properties no SDK sends: worked out from a row of ``events`` where a question asks for them by name.

``$event_name`` and ``$source_id`` are the row's own. ``$referrer_site`` is the host another site's link came from,
without ``www.``: a site's links within itself are no source. ``$channel_type`` sorts ``utm_medium``, ``utm_source``
and that host into the channels people know from web analytics; ``docs/guides/insights.md`` has the table.
"""

from __future__ import annotations

EVENT, SOURCE, SITE, CHANNEL, SCREEN = (
    *("$event_name", "$source_id", "$referrer_site", "$channel_type", "$screen"),
)
SEARCH = (
    *(
        "google",
        "bing",
        "baidu",
        "sogou",
        "yandex",
        "duckduckgo",
        "yahoo",
        "ecosia",
        "naver",
        "qwant",
        "haosou",
        "360",
    ),
)
SOCIAL = (
    *(
        "weixin",
        "wechat",
        "weibo",
        "zhihu",
        "xiaohongshu",
        "douban",
        "jike",
        "facebook",
        "instagram",
        "twitter",
        "x",
    ),
    *(
        "linkedin",
        "reddit",
        "threads",
        "pinterest",
        "vk",
        "telegram",
        "whatsapp",
        "qq",
        "qzone",
        "feishu",
        "dingtalk",
    ),
)
VIDEO = ("youtube", "bilibili", "douyin", "tiktok", "kuaishou", "vimeo", "twitch")
AI = (
    "chatgpt",
    "openai",
    "perplexity",
    "claude",
    "gemini",
    "copilot",
    "deepseek",
    "kimi",
    "doubao",
    "yuanbao",
    "tongyi",
)
_SITES = {
    "search": (
        "(^|[.])(google[.][a-z.]+|bing[.]com|baidu[.]com|sogou[.]com|so[.]com|sm[.]cn|haosou[.]com|yandex[.][a-z.]+|"
        "duckduckgo[.]com|search[.]yahoo[.][a-z.]+|ecosia[.]org|naver[.]com|qwant[.]com|startpage[.]com|toutiao[.]com)$"
    ),
    "social": (
        "(^|[.])(weixin[.]qq[.]com|weibo[.](com|cn)|t[.]cn|zhihu[.]com|xiaohongshu[.]com|xhslink[.]com|douban[.]com|"
        "tieba[.]baidu[.]com|okjike[.]com|facebook[.]com|fb[.]com|instagram[.]com|t[.]co|twitter[.]com|x[.]com|"
        "linkedin[.]com|lnkd[.]in|reddit[.]com|threads[.](net|com)|pinterest[.][a-z.]+|vk[.]com|t[.]me|"
        "whatsapp[.]com|news[.]ycombinator[.]com|qzone[.]qq[.]com)$"
    ),
    "video": (
        "(^|[.])(youtube[.]com|youtu[.]be|bilibili[.]com|b23[.]tv|douyin[.]com|tiktok[.]com|kuaishou[.]com|vimeo[.]com|"
        "twitch[.]tv)$"
    ),
    "ai": (
        "(^|[.])(chatgpt[.]com|chat[.]openai[.]com|perplexity[.]ai|claude[.]ai|gemini[.]google[.]com|deepseek[.]com|"
        "copilot[.]microsoft[.]com|kimi[.](com|moonshot[.]cn)|moonshot[.]cn|doubao[.]com|yuanbao[.]tencent[.]com|"
        "tongyi[.](com|aliyun[.]com))$"
    ),
}
_WORDS = {"search": SEARCH, "social": SOCIAL, "video": VIDEO, "ai": AI}
_OWN = "replaceRegexpOne(lower(ifNull(host, '')), '^www[.]|:[0-9]+$', '')"
_FROM = "replaceRegexpOne(lower(ifNull(referrer_host, '')), '^www[.]', '')"
_SITE = f"if({_FROM} IN ('', '$direct') OR {_FROM} = {_OWN}, NULL, {_FROM})"
_MEDIUM = "lower(ifNull(utm_medium, ''))"
_CAME = "lower(ifNull(utm_source, ''))"


def _by(kind: str) -> str:
    """Whether the source named, or without one the site it came from, is of a kind."""
    words = "|".join(_WORDS[kind])
    return f"(match({_CAME}, '^({words})$') OR match(if({_CAME} = '', ifNull({_SITE}, ''), {_CAME}), '{_SITES[kind]}'))"


_CHANNEL = f"""multiIf(
match({_MEDIUM}, '^(cpc|ppc|cpm|cpv|cpa|cpt|sem|ads?|paid.*|retargeting|feed)$')
 OR match(ifNull(url, ''), '[?&](gclid|gbraid|wbraid|msclkid|bd_vid|fbclid|ttclid|qz_gdt)=') AND {_MEDIUM} = '',
 multiIf({_by("search")}, 'Paid Search', {_by("video")}, 'Paid Video', {_by("social")}, 'Paid Social', 'Paid Other'),
match({_MEDIUM}, '^(display|banner|interstitial|splash)$'), 'Display',
match({_MEDIUM}, '^(e-?mail|edm|newsletter)$') OR match({_CAME}, '^(e-?mail|edm|newsletter)$'), 'Email',
match({_MEDIUM}, '^(sms|short_?message)$') OR {_CAME} = 'sms', 'SMS',
match({_MEDIUM}, '^(push|.*notification)$'), 'Push',
match({_MEDIUM}, '^affiliates?$'), 'Affiliate',
{_by("ai")}, 'AI',
{_MEDIUM} = 'organic' OR {_by("search")}, 'Organic Search',
{_by("video")}, 'Organic Video',
match({_MEDIUM}, '^(social|sns|social-?_?(media|network))$') OR {_by("social")}, 'Organic Social',
match({_MEDIUM}, '^(referral|link)$') OR isNotNull({_SITE}), 'Referral',
{_MEDIUM} != '' OR {_CAME} != '', 'Unknown',
'Direct')"""
_CHANNEL = " ".join(_CHANNEL.split("\n"))
CHANNELS = (
    *(
        "Direct",
        "Organic Search",
        "Paid Search",
        "Organic Social",
        "Paid Social",
        "Organic Video",
        "Paid Video",
    ),
    *("AI", "Email", "SMS", "Push", "Affiliate", "Display", "Referral", "Paid Other", "Unknown"),
)
"""The values of ``$channel_type``."""

DERIVED: dict[str, str] = {
    EVENT: "CAST(toString(event), 'Nullable(String)')",
    SOURCE: "CAST(toString(source), 'Nullable(String)')",
    SITE: f"CAST({_SITE}, 'Nullable(String)')",
    CHANNEL: f"CAST({_CHANNEL}, 'Nullable(String)')",
    SCREEN: (
        "if(isNull(properties.`$screen_width`) OR isNull(properties.`$screen_height`), NULL,"
        " CAST(concat(toString(properties.`$screen_width`), '×', toString(properties.`$screen_height`)),"
        " 'Nullable(String)'))"
    ),
}
"""Name to SQL on a row of ``events``, Nullable(String). They say nothing of anybody, so they hold no parameters."""
