"""Markdown as people write it in comments and descriptions, made into HTML that is safe to show.

Besides CommonMark, tables and ~~struck~~ text it knows two addresses of our own: ``@[name](member:<uuid>)`` mentions a
member, ``![name](file:<uuid>)`` shows a file. What they lead to is given from outside; what is unknown stays text.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

#: (scheme, id): what a text refers to. Schemes are ``member`` and ``file``.
Key = tuple[str, uuid.UUID]

_OURS = re.compile(r"(member|file):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$", re.I)
_WRITTEN = re.compile(r"!?\[([^\]\n]*)\]\((member|file):[0-9a-f-]{36}\)", re.I)
_ALLOWED = re.compile(r"(https?:|mailto:|#|/|\?)", re.I)
#: An address in running text ends where Chinese goes on without a space.
_BARE = re.compile(r"https?://[^\s<>\"'`，。；：！？（）【】《》、“”‘’一-鿿]+", re.I)
_TRAILING = ".,;:!?)]}*_~"
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "loading"}, "ol": {"start"}}
_CLASSES = {"a": {"mention", "mention-me", "attachment", "thumb"}}


@dataclass(frozen=True, slots=True)
class Reference:
    """What an address of ours leads to: ``label`` is its present name; ``is_own`` marks a mention of the reader."""

    url: str
    label: str
    is_image: bool = False
    is_own: bool = False


def _is_allowed(url: str) -> bool:
    return bool(_OURS.match(url) or _ALLOWED.match(url))


def _parser(*, breaks: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": breaks}).enable(["table", "strikethrough"])
    parser.validateLink = _is_allowed  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser(breaks=True)
_WRAPPED = _parser(breaks=False)


def render(text: str, references: Mapping[Key, Reference] | None = None, *, wrapped: bool = False) -> str:
    """The text as HTML, cleaned: no markup of the writer's own, pictures only from ``references``.

    What people type keeps its line breaks; in a file that is ``wrapped`` at some width they mean nothing.
    """
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _shown(token.children, references or {})
    parser = _WRAPPED if wrapped else _MARKDOWN
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )


def references(text: str) -> list[tuple[Key, str]]:
    """What the text itself refers to, once each, with the words it is called by; what is quoted or code does not count.

    >>> references("@[Lin](member:01890000-0000-7000-8000-000000000000)")
    [(('member', UUID('01890000-0000-7000-8000-000000000000')), 'Lin')]
    """
    found: dict[Key, str] = {}
    depth = 0
    for token in _MARKDOWN.parse(text):
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if not depth and token.children:
            for key, words in _named(token.children):
                found.setdefault(key, words)
    return list(found.items())


def everything(text: str) -> set[Key]:
    """All that the text refers to, quotes included: what must be looked up to show it."""
    return {key for token in _MARKDOWN.parse(text) for key, _words in _named(token.children or [])}


def plain(text: str, limit: int = 200) -> str:
    """The text in one line without its marks, cut at ``limit`` characters; quotes are left out."""
    parts: list[str] = []
    depth = 0
    for token in _MARKDOWN.parse(text):
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if depth:
            continue
        if token.type in ("fence", "code_block"):
            parts.append(token.content)
        for child in token.children or []:
            parts.append(" " if child.type in ("softbreak", "hardbreak") else child.content)
        parts.append(" ")
    line = " ".join("".join(parts).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def as_typed(text: str) -> str:
    """The source as its writer knows it: names instead of addresses of ours.

    >>> as_typed("**ask** @[Lin](member:01890000-0000-7000-8000-000000000000)")
    '**ask** @Lin'
    """
    return _WRITTEN.sub(lambda found: found[1] if found[2].lower() == "member" else f"[{found[1]}]", text)


def _named(tokens: list[Token]) -> Iterator[tuple[Key, str]]:
    for at, token in enumerate(tokens):
        key = _key(token)
        if key is not None:
            yield key, token.content or "".join(t.content for t in _inside(tokens, at))


def _key(token: Token) -> Key | None:
    if token.type not in ("link_open", "image"):
        return None
    ours = _OURS.match(str(token.attrs.get("href" if token.type == "link_open" else "src", "")))
    return (ours[1].lower(), uuid.UUID(ours[2])) if ours else None


def _inside(tokens: list[Token], at: int) -> list[Token]:
    """What a link that opens at ``at`` holds; links do not hold links."""
    end = next(i for i in range(at, len(tokens)) if tokens[i].type == "link_close")
    return tokens[at + 1 : end]


def _shown(tokens: list[Token], known: Mapping[Key, Reference]) -> list[Token]:
    made: list[Token] = []
    at, in_link = 0, False
    while at < len(tokens):
        token = tokens[at]
        key = _key(token)
        if token.type == "link_open" and key is not None:
            held = _inside(tokens, at)
            words = "".join(t.content for t in held)
            made += _mention(made, key, words, known) if key[0] == "member" else _file(key, words, known)
            at += len(held) + 2
            continue
        if token.type == "image":
            made += _picture(token, key, known, linked=in_link)
        elif token.type == "text" and not in_link:
            made += _with_links(token.content)
        else:
            made.append(token)
        in_link = {"link_open": True, "link_close": False}.get(token.type, in_link)
        at += 1
    return made


def _mention(before: list[Token], key: Key, words: str, known: Mapping[Key, Reference]) -> list[Token]:
    """The sign stands before the link in the text, and inside it on the page."""
    if before and before[-1].type == "text" and before[-1].content.endswith("@"):
        before[-1].content = before[-1].content[:-1]
    found = known.get(key)
    if found is None:
        return [_text(f"@{words}")]
    return _link(found.url, [_text(f"@{found.label}")], "mention mention-me" if found.is_own else "mention")


def _file(key: Key, words: str, known: Mapping[Key, Reference]) -> list[Token]:
    found = known.get(key)
    return _link(found.url, [_text(words or found.label)], "attachment") if found else [_text(words)]


def _picture(token: Token, key: Key | None, known: Mapping[Key, Reference], *, linked: bool) -> list[Token]:
    """A picture of ours is shown; one from elsewhere is a link, since opening a page must not tell others of it."""
    if key is not None:
        found = known.get(key)
        if found is None or not found.is_image:
            return [_text(token.content)] if linked else _file(key, token.content, known)
        image = Token("image", "img", 0, attrs={"src": found.url, "alt": "", "loading": "lazy"})
        image.children, image.content = [_text(token.content)], token.content
        return [image] if linked else _link(found.url, [image], "thumb")
    url = str(token.attrs.get("src", ""))
    words = [_text(token.content or url)]
    return words if linked else _link(url, words)


def _with_links(text: str) -> list[Token]:
    made: list[Token] = []
    last = 0
    for match in _BARE.finditer(text):
        url = match[0].rstrip(_TRAILING)
        if match[0][len(url) :].startswith(")") and "(" in url:
            url = match[0][: len(url) + 1]  # …/Name_(film) keeps its own bracket
        if match.start() > last:
            made.append(_text(text[last : match.start()]))
        made += _link(url, [_text(url)])
        last = match.start() + len(url)
    return [*made, _text(text[last:])] if last < len(text) else made


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _link(url: str, held: list[Token], css: str = "") -> list[Token]:
    attrs: dict[str, str | int | float] = {"href": url, **({"class": css} if css else {})}
    return [Token("link_open", "a", 1, attrs=attrs), *held, Token("link_close", "a", -1)]
