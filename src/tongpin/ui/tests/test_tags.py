"""The components as a page uses them: what a reader, a keyboard and a screen reader get."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from tongpin.kernel import clock
from tongpin.ui import panels
from tongpin.ui.tags.people import emblem, initials

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def render(source: str, path: str = "/", **context: object) -> str:
    request = RequestFactory().get(path)
    return engines["django"].from_string(source).render(context, request)


class Form(forms.Form):
    email = forms.EmailField(label="Email", help_text="At work.")
    note = forms.CharField(label="Note", required=False)
    agree = forms.BooleanField(label="Agree", required=False)
    day = forms.ChoiceField(
        label="Day", widget=forms.RadioSelect, choices=[("mon", "Monday"), ("sun", "Sunday")]
    )


def bound(**data: str) -> Form:
    form = Form(data)
    form.is_valid()
    return form


class TestField:
    def test_a_wrong_value_stays_and_is_explained(self):
        html = render("{% field form.email %}", form=bound(email="<b>yinuo"))
        assert 'value="&lt;b&gt;yinuo"' in html
        assert 'aria-invalid="true"' in html
        assert re.search(r'aria-describedby="id_email_hint id_email_errors"', html)
        assert 'id="id_email_errors"' in html
        assert 'for="id_email"' in html

    def test_what_may_be_left_out_says_so(self):
        assert "optional" in render("{% field form.note %}", form=Form())
        assert "optional" not in render("{% field form.email %}", form=Form())

    def test_further_words_become_attributes_of_the_control(self):
        html = render('{% field form.email autocomplete="username" placeholder="you@work" %}', form=Form())
        assert 'autocomplete="username"' in html
        assert 'placeholder="you@work"' in html

    def test_choices_are_a_named_group(self):
        html = render("{% field form.day %}", form=Form())
        assert "<fieldset" in html
        assert re.search(r"<legend[^>]*>Day</legend>", html)
        assert html.count('type="radio"') == 2

    def test_a_checkbox_is_inside_its_label(self):
        assert re.search(
            r'<label class="check"><input[^>]*type="checkbox"', render("{% field form.agree %}", form=Form())
        )

    def test_an_error_of_the_whole_form_is_announced(self):
        form = bound(email="a@b.example")
        form.add_error(None, "<script>")
        html = render("{% form_errors form %}", form=form)
        assert 'role="alert"' in html
        assert "&lt;script&gt;" in html
        assert render("{% form_errors form %}", form=Form()) == ""


class TestAvatar:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("沈一诺", "一诺"),
            ("Daniel Tan", "DT"),
            ("何予安 He", "予安"),
            ("yinuo@qingban.example", "YQ"),
            ("  ", "?"),
        ],
    )
    def test_initials(self, name, expected):
        assert initials(name) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("新团队🙂", "新"), ("acme", "A"), ("🙂 晴班 Qingban", "晴"), ("示例工作区", "示"), ("🙂", "🙂")],
    )
    def test_a_workspace_s_emblem(self, name, expected):
        assert emblem(name) == expected

    def test_a_person_keeps_their_hue_and_is_escaped(self):
        one = SimpleNamespace(name="<i>x", public_id="7")
        assert render("{% avatar who %}", who=one) == render("{% avatar who %}", who=one)
        assert "<i>" not in render("{% avatar who label=True %}", who=one)

    def test_a_member_who_left_looks_so(self):
        gone = SimpleNamespace(user=SimpleNamespace(name="彭越", public_id="1"), deactivated_at=NOON)
        assert "is-off" in render("{% avatar who %}", who=gone)

    def test_a_picture_where_there_is_one(self):
        ident = uuid.uuid4()
        html = render("{% avatar who %}", who=SimpleNamespace(name="彭越", public_id="1", avatar=ident))
        assert f'<img src="/files/{ident}/picture.webp" alt="">' in html


class TestTime:
    @pytest.mark.parametrize(
        ("gap", "english", "chinese"),
        [
            (timedelta(seconds=10), "just now", "刚刚"),
            (timedelta(minutes=5), "5 min ago", "5 分钟前"),
            (timedelta(hours=3), "3 hours ago", "3 小时前"),
            (timedelta(days=1), "yesterday", "昨天"),
            (timedelta(days=4), "4 days ago", "4 天前"),
            (-timedelta(hours=2), "in 2 hours", "2 小时后"),
            (-timedelta(days=1), "tomorrow", "明天"),
        ],
    )
    def test_in_words(self, gap, english, chinese):
        with clock.frozen_at(NOON):
            assert f">{english}</time>" in render("{% time_ago at %}", at=NOON - gap)
            with translation.override("zh-hans"):
                assert f">{chinese}</time>" in render("{% time_ago at %}", at=NOON - gap)

    def test_the_exact_moment_is_there(self):
        with clock.frozen_at(NOON):
            html = render("{% time_ago at %}", at=NOON)
        assert 'datetime="2026-11-20T12:00:00+00:00"' in html
        assert 'title="Nov 20, 2026, 12:00 UTC"' in html

    def test_nothing_for_never(self):
        assert render("{% time_ago at %}", at=None) == ""


class TestStates:
    def test_a_result_is_a_word_and_a_shape_not_only_a_colour(self):
        shapes = set()
        for state in ("met", "partly", "missed", "negative", "unclear", "watching"):
            html = render("{% result state %}", state=state)
            shapes.add(re.search(r"#([a-z-]+)", html).group(1))
            assert re.sub(r"<[^>]+>", "", html).strip()
        assert len(shapes) == 6

    def test_words_of_the_product_in_chinese(self):
        with translation.override("zh-hans"):
            assert "暂无法判断" in render('{% result "unclear" %}')
            assert "有对照组" in render('{% evidence "B" %}')

    def test_a_fall_may_be_good(self):
        assert 'class="delta good"' in render('{% delta -3.1 good="down" %}')
        assert "−3.1%" in render('{% delta -3.1 good="down" %}')
        assert render("{% delta none %}", none=None) == ""

    def test_counts_are_written_in_groups_of_three(self):
        said = [render("{{ n|thousands }}", n=n) for n in (0, 999, 1000, 1234567, None)]
        assert said == ["0", "999", "1,000", "1,234,567", ""]


class TestLists:
    def test_a_sort_head_turns_round_and_keeps_the_filters(self):
        html = render('{% sort_head "name" "Name" %}', "/x?q=a&sort=name&cursor=zz")
        assert 'aria-sort="ascending"' in html
        assert 'href="?q=a&amp;sort=-name"' in html
        assert "aria-sort" not in render('{% sort_head "due" "Due" %}', "/x?sort=name")

    def test_load_more_only_where_there_is_more(self):
        # With the last page the button of the one before is replaced by nothing.
        assert (
            render('{% load_more cursor "#rows" %}', cursor=None)
            == '<div class="pager" id="rows-more"></div>\n'
        )
        html = render('{% load_more cursor "#rows" %}', "/x?q=a", cursor="c2")
        assert 'hx-get="?q=a&amp;cursor=c2"' in html
        assert 'hx-swap="beforeend"' in html
        assert 'hx-select-oob="#rows-more"' in html

    def test_htmx_attributes(self):
        html = render('<a {% hx "post" "/go" target="#row" push=True %} {% live "goals.bet:7" %}>')
        assert html == '<a  hx-post="/go" hx-target="#row" hx-push-url="true"  data-live="goals.bet:7">'

    def test_a_peek_keeps_the_query(self):
        html = render('<a {% peek "7" "/f" %}>', "/x?q=a")
        assert 'href="?q=a&amp;peek=7"' in html
        assert 'hx-push-url="?q=a&amp;peek=7"' in html


class TestContainers:
    @pytest.mark.parametrize("kind", ["none", "filtered", "denied"])
    def test_empty_states_differ(self, kind):
        html = render('{% empty kind "Nothing" "Why" action="Do" url="/do" %}', kind=kind)
        assert f"empty-{kind}" in html
        assert ("btn-primary" in html) == (kind == "none")

    def test_a_menu_is_tied_to_its_button(self):
        html = render('{% menu "m1" label="More" only_icon=True %}<a role="menuitem">x</a>{% endmenu %}')
        assert 'popovertarget="m1"' in html
        assert 'aria-label="More"' in html
        assert '<a role="menuitem">x</a>' in html

    def test_a_dialog_is_named_by_its_title(self):
        html = render('{% dialog "d1" title %}<p>x</p>{% enddialog %}', title="<Rename>")
        assert 'aria-labelledby="d1-title"' in html
        assert "&lt;Rename&gt;" in html

    def test_chart_data_cannot_end_their_script(self):
        data = {"rows": [{"date": "2026-01-01", "value": 1.0}], "names": {"value": "</script><b>"}}
        html = render('{% chart data ident="c" label="L" %}', data=data)
        assert "</script><b>" not in html
        assert html.count("</tr>") == 2

    def test_no_component_needs_an_inline_style_or_handler(self):
        from tongpin.ui import gallery

        request = RequestFactory().get("/gallery/")
        for name in ("actions", "forms", "content", "controls"):
            html = (
                engines["django"]
                .get_template(f"ui/gallery/_{name}.html")
                .render(gallery.context(request), request)
            )
            assert not re.search(r"\s(style|on\w+)=", html), name


class TestPanels:
    def test_shown_in_order_and_silent_ones_left_out(self, monkeypatch):
        monkeypatch.setattr(panels, "_panels", [])
        panels.register("x.thing", lambda request, row: "late", order=90)
        panels.register("x.thing", lambda request, row: "early", order=10)
        panels.register("x.thing", lambda request, row: "")
        panels.register("x.other", lambda request, row: "no")
        row = SimpleNamespace(_meta=SimpleNamespace(label_lower="x.thing"))
        assert render("{% show_panels row %}", row=row) == "earlylate"

    def test_those_for_everywhere_stand_on_every_registered_type_but_the_ones_named(self, monkeypatch):
        monkeypatch.setattr(panels, "_panels", [])
        panels.register("workspaces.project", lambda request, row: "own", order=10)
        panels.register_everywhere(lambda request, row: "all", order=20)
        panels.register_everywhere(
            lambda request, row: "most", order=30, except_for={"workspaces.department"}
        )

        def shown(key):
            row = SimpleNamespace(_meta=SimpleNamespace(label_lower=key))
            return render("{% show_panels row %}", row=row)

        assert shown("workspaces.project") == "ownallmost"
        assert shown("workspaces.department") == "all"
        assert shown("workspaces.projectpin") == ""
