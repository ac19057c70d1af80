"""Which user agents are bots: crawlers, link previews, monitors, driven browsers.

The lists that are published (crawlerdetect, crawler-user-agents, isbot) also take every HTTP library for a bot:
``python-requests``, ``okhttp``, ``node-fetch``, ``Python-urllib``. Those are the SDKs themselves here, so the list is
our own: the general words that such programs use of themselves, and the well-known ones that use none of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = (
    # not followed by a letter, so that a CUBOT telephone or a "Robotics" app passes
    r"(?<!cu)bots?(?![a-z])|crawl|spider|slurp|scrap(?:er|ing|y)|(?<![a-z])archiver|fetcher|indexer"
    r"|link ?preview|validator|link ?check|site ?monitor|uptime"
    r"|headless|phantomjs|puppeteer|playwright|selenium|webdriver|cypress|electron-prerender|prerender"
    r"|lighthouse|pagespeed|gtmetrix|webpagetest|speedcurve|pingdom|statuscake|datadogsynthetics|catchpoint"
)
_NAMES = (
    r"bingpreview|facebookexternalhit|facebookcatalog|meta-external|whatsapp/|skypeuripreview|embedly|quora link"
    r"|google-(?:read-aloud|inspectiontool|safety|site-verification|extended|structured|adwords|xrawler)"
    r"|adsbot|mediapartners|apis-google|feedfetcher|feedly|feedburner|tumblr/|vkshare|w3c_|outbrain|pinterest/0"
    r"|chatgpt-user|oai-searchbot|claude-(?:web|user)|perplexity-user|cohere-ai|anthropic-ai"
    r"|baiduboxrender|baidu-yunguance|360jk|yisouspider|sogou (?:web|inst|news|pic|orion)|haosou|youdao"
    r"|nessus|nikto|sqlmap|nmap|masscan|zgrab|censys|expanse|wpscan|qualys|netcraft|ahrefs|semrush|mj12|dotbot"
    r"|google favicon|duckduckgo-favicons|yahoo ad monitoring|ia_archiver|heritrix|httrack"
)
_BOT = re.compile(f"{_WORDS}|{_NAMES}", re.IGNORECASE)
#: People send events with these, as our own guide shows; nobody visits a site with them.
_TOOL = re.compile(r"(?:curl|wget)/", re.IGNORECASE)
LONGEST = 512


@lru_cache(maxsize=4096)
def _seen(agent: str) -> bool:
    return _BOT.search(agent) is not None


def is_bot(agent: str) -> bool:
    """Whether a user agent is a bot's. An empty one is not: servers and apps often send none."""
    return bool(agent) and _seen(agent[:LONGEST])


def is_no_visitor(agent: str) -> bool:
    """Whether a user agent that a server reports of somebody is a bot's, or a tool's that only programs use."""
    return is_bot(agent) or _TOOL.match(agent) is not None
