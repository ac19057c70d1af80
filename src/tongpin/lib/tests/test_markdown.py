"""Markdown: what a writer may do to the page, and what they may not."""

from __future__ import annotations

import uuid

import pytest

from tongpin.lib.markdown import Reference, everything, plain, references, render

WHO, FILE = uuid.UUID(int=1), uuid.UUID(int=2)
KNOWN = {
    ("member", WHO): Reference("/w/acme/members/1/", "沈一诺"),
    ("file", FILE): Reference("/files/2/a.png", "a.png", is_image=True),
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and ~~gone~~", "<p><strong>bold</strong> and <s>gone</s></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
        (
            f"问一下@[旧名](member:{WHO})，谢谢",
            '<p>问一下<a href="/w/acme/members/1/" class="mention" rel="nofollow noopener">@沈一诺</a>，谢谢</p>',
        ),
        (
            f"![shot](file:{FILE})",
            '<p><a href="/files/2/a.png" class="thumb" rel="nofollow noopener">'
            '<img src="/files/2/a.png" alt="shot" loading="lazy"></a></p>',
        ),
        (f"[report](file:{uuid.UUID(int=9)})", "<p>report</p>"),
        (f"@[Gone](member:{uuid.UUID(int=9)})", "<p>@Gone</p>"),
        (
            "见https://a.example/b?c=1，好",
            '<p>见<a href="https://a.example/b?c=1" rel="nofollow noopener">https://a.example/b?c=1</a>，好</p>',
        ),
        (
            "(https://a.example/x_(y)).",
            '<p>(<a href="https://a.example/x_(y)" rel="nofollow noopener">https://a.example/x_(y)</a>).</p>',
        ),
        (
            "![elsewhere](https://evil.example/pixel.png)",
            '<p><a href="https://evil.example/pixel.png" rel="nofollow noopener">elsewhere</a></p>',
        ),
    ],
)
def test_what_a_text_becomes(text: str, html: str) -> None:
    assert render(text, KNOWN).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '[x](https://a.example/"onmouseover="alert(1))',
        "![x](javascript:alert(1))",
        f'![" onerror="alert(1)](file:{FILE})',
        "`<script>`",
        "```js\n<script>alert(1)</script>\n```",
    ],
)
def test_nothing_runs(text: str) -> None:
    html = render(text, KNOWN)
    assert "<script" not in html
    assert ' onerror="' not in html
    assert 'onmouseover="alert' not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_who_is_mentioned_is_told_from_who_is_quoted() -> None:
    text = (
        f"> @[Quoted](member:{uuid.UUID(int=5)})\n\n@[Lin](member:{WHO}) `@[No](member:{uuid.UUID(int=6)})`"
    )
    assert references(text) == [(("member", WHO), "Lin")]
    assert everything(text) == {("member", WHO), ("member", uuid.UUID(int=5))}


def test_plain_is_one_short_line() -> None:
    assert plain(f"> quoted\n\n**你好** @[Lin](member:{WHO})\n\n- a\n- b") == "你好 @Lin a b"
    assert plain("x" * 300, 10) == "xxxxxxxxx…"


def test_a_wrapped_file_has_paragraphs_not_lines():
    assert "<br" in render("one\ntwo")
    assert "<br" not in render("one\ntwo", wrapped=True)
