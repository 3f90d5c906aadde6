"""Templates of a shop's own: what they can print, and that one which is broken costs nothing but a line in the log."""

from __future__ import annotations

import logging
import os
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.receipts import ReceiptLanguage
from agent.receipts.faults import BrokenTemplate
from agent.receipts.render import Templates
from agent.receipts.speech import speech
from agent.receipts.values import Goods
from drivers.printers.document import (
    Align,
    Barcode,
    Block,
    Cell,
    Cells,
    Columns,
    Cut,
    DrawerKick,
    Feed,
    Line,
    Qr,
    Rule,
    Style,
)
from drivers.printers.symbology import QrLevel, Symbology
from tests.agent.receipts.papers import own, slip, text, written

SHORT = replace(slip(), lines=(Goods(name="Nan | Bread", amount_minor=150),), shop="Corner | Shop")


def blocks(folder: Path, source: str) -> tuple[Block, ...]:
    """What a slip template of the shop's own puts on paper; it must work."""
    templates = own(folder, "slip", source)
    words = speech(SHORT.currency, "en", "en", ReceiptLanguage.MEMBER)
    return templates.own("slip", SHORT, words).blocks


def fault(folder: Path, source: str | bytes) -> tuple[int | None, str]:
    """The line and the reason that a broken slip template gives."""
    path = folder / "slip.jinja"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    words = speech(SHORT.currency, "en", "en", ReceiptLanguage.MEMBER)
    with pytest.raises(BrokenTemplate) as caught:
        Templates(folder).own("slip", SHORT, words)
    return caught.value.line, caught.value.reason


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("{{ line('a') }}", Line(text="a")),
        ("{{ line('a', 'right', 'bold') }}", Line(text="a", align=Align.RIGHT, style=Style.BOLD)),
        ("{% line %}a {{ slip.till }}{% endline %}", Line(text="a 2")),
        ("{% line 'bold' %}\n  a\n  b\n{% endline %}", Line(text="a\nb", style=Style.BOLD)),
        ("{{ center('a') }}", Line(text="a", align=Align.CENTER)),
        ("{% center 'double' %}a{% endcenter %}", Line(text="a", align=Align.CENTER, style=Style.DOUBLE)),
        ("{{ row('a', 'b') }}", Columns(left="a", right="b")),
        ("{% row %}a | b{% endrow %}", Columns(left="a", right="b")),
        ("{% row 'bold' %}{{ slip.shop }} | 1{% endrow %}", Columns(left="Corner | Shop", right="1", style=Style.BOLD)),
        (
            "{% row %}a | b | c{% endrow %}",
            Cells(cells=(Cell(text="a"), Cell(text="b"), Cell(text="c", align=Align.RIGHT))),
        ),
        (
            "{{ cells('a', ('b', 6), ('c', 9, 'right'), style='bold') }}",
            Cells(
                cells=(Cell(text="a"), Cell(text="b", columns=6), Cell(text="c", columns=9, align=Align.RIGHT)),
                style=Style.BOLD,
            ),
        ),
        ("{{ rule() }}", Rule()),
        ("{{ feed() }}", Feed()),
        ("{{ feed(3) }}", Feed(lines=3)),
        ("{{ cut() }}", Cut()),
        ("{{ drawer(5) }}", DrawerKick(pin=5)),
        ("{{ barcode('C61398891764') }}", Barcode(symbology=Symbology.CODE_128, data="C61398891764")),
        (
            "{{ barcode('2100000000425', 'ean-13', height=120) }}",
            Barcode(symbology=Symbology.EAN_13, data="2100000000425", height_dots=120),
        ),
        ("{{ qr(slip.page) }}", Qr(data="https://club.example.com/m/7K2M9QX4")),
        ("{{ qr('a', 'H', dots=4) }}", Qr(data="a", level=QrLevel.H, module_dots=4)),
        ("{{ slip.number|string }} | {{ slip.at }}", Line(text="10231 | 5 Mar 2026, 18:42")),
        ("{{ row(name(slip.member.tier), money(1250)) }}", Columns(left="Gold", right="£12.50")),
        ("{{ line(slip.member.earned[0]) }}", Line(text="186 points")),
        ("{{ line(say(slip.member.way)) }}", Line(text="£350.00 more to spend for the Platinum tier")),
        ("{{ line(t('receipt.tier', tier=slip.member.tier)) }}", Line(text="Tier: Gold")),
        ("{{ line(quantity(1500) ~ ' x ' ~ 1234) }}", Line(text="1.5 x 1,234")),
        ("{{ line((slip.lines|length + 2) * 3 % 5) }}", Line(text="4")),
    ],
)
def test_each_tag_puts_its_block_on_paper(tmp_path: Path, source: str, block: Block) -> None:
    assert blocks(tmp_path, source) == (block,)


@pytest.mark.parametrize(("columns", "fits"), [(48, True), (32, False)])
def test_a_bar_code_that_does_not_fit_is_a_qr_code_and_a_text(tmp_path: Path, columns: int, fits: bool) -> None:
    templates = own(tmp_path, "slip", "{{ barcode('ABCDEFGHIJKLMN') }}")
    words = speech(SHORT.currency, "en", "en", ReceiptLanguage.MEMBER)
    assert templates.own("slip", SHORT, words, columns).blocks == (
        (Barcode(symbology=Symbology.CODE_128, data="ABCDEFGHIJKLMN"),)
        if fits
        else (Qr(data="ABCDEFGHIJKLMN"), Line(text="ABCDEFGHIJKLMN", align=Align.CENTER, style=Style.BOLD))
    )


def test_blocks_and_lines_of_text_keep_their_order(tmp_path: Path) -> None:
    source = "first\n{{ rule() }}\n\nsecond {{ slip.till }}\n{{ center('third') }} fourth\n"
    assert blocks(tmp_path, source) == (
        Line(text="first"),
        Rule(),
        Line(text="second 2"),
        Line(text="third", align=Align.CENTER),
        Line(text="fourth"),
    )


def test_a_macro_prints_where_it_is_called(tmp_path: Path) -> None:
    source = "{% macro twice(x) %}{{ line(x) }}{{ line(x) }}{% endmacro %}{{ rule() }}{{ twice('a') }}{{ rule() }}"
    assert blocks(tmp_path, source) == (Rule(), Line(text="a"), Line(text="a"), Rule())


def test_a_bar_in_a_name_divides_no_row(tmp_path: Path) -> None:
    source = (
        "{% for one in slip.lines %}{% row %}{{ one.name }} | {{ money(one.amount_minor) }}{% endrow %}{% endfor %}"
    )
    assert blocks(tmp_path, source) == (Columns(left="Nan | Bread", right="£1.50"),)


def test_one_block_of_the_built_in_template_may_be_changed(tmp_path: Path) -> None:
    source = '{% extends "builtin/slip.jinja" %}{% block thanks %}{{ center("Come again!") }}{% endblock %}'
    said = text(written(own(tmp_path, "slip", source), "slip", SHORT))
    assert "Come again!" in said
    assert said.replace("Come again!", "") != said
    built_in = text(written(Templates(None), "slip", SHORT))
    ours = "        Thank you for shopping with us!\n"
    assert said == built_in.replace(ours, "Come again!".center(48).rstrip() + "\n")


def test_other_templates_stay_the_built_in_ones(tmp_path: Path) -> None:
    templates = own(tmp_path, "slip", "own")
    assert text(written(templates, "appended", SHORT)) == text(written(Templates(None), "appended", SHORT))


def test_a_template_that_is_changed_is_read_again(tmp_path: Path) -> None:
    templates = own(tmp_path, "slip", "before")
    before = text(written(templates, "slip", SHORT))
    (tmp_path / "slip.jinja").write_text("after", encoding="utf-8")
    os.utime(tmp_path / "slip.jinja", ns=(1, 1))
    assert (before, text(written(templates, "slip", SHORT))) == ("before\n", "after\n")


BROKEN = {
    "a tag that is not closed": ("a\n{% if slip.shop %}\n", 2, "Unexpected end of template"),
    "a field that is not there": ("a\n\n{{ slip.shpo }}", 3, "has no attribute 'shpo'"),
    "a name that is not there": ("{{ lien('a') }}", 1, "'lien' is undefined"),
    "a value that is not there in a sentence": ("a\n{{ line(t('receipt.tier', tier=slip.tyre)) }}", 2, "'tyre'"),
    "nothing in a sentence": ("{{ line(t('receipt.tier', tier=none)) }}", 1, "receipt.tier was given nothing for tier"),
    "a sentence that is not there": ("{{ line(t('receipt.teir')) }}", 1, "no message has the id 'receipt.teir'"),
    "an argument that is missing": ("{{ line(t('receipt.tier')) }}", 1, "was given no argument 'tier'"),
    "a whole part of the value": ("{{ line(slip.member) }}", 1, "a Member cannot be printed; name one of its fields"),
    "a style that is not there": ("{{ line('a', style='huge') }}", 1, "style is one of normal, bold, double"),
    "an align that is not there": ("{{ line('a', 'middle') }}", 1, "align is one of left, center, right"),
    "a row without a bar": ("\n{% row %}a b{% endrow %}", 2, "a row has a bar between its left and its right text"),
    "a tag in a row": ("{% row %}{{ rule() }} | a{% endrow %}", 1, "a row, a line or a cell holds text"),
    "a cell that is none": (
        "{{ cells(('a', 'b')) }}",
        1,
        'a cell is a text, or (text, columns), or (text, columns, "right")',
    ),
    "a bar code's check digit": ("{{ barcode('2100000000426', 'ean-13') }}", 1, "is not its check digit"),
    "a bar code's letters": ("{{ barcode('é') }}", 1, "no content of a bar code of the kind code-128"),
    "a kind of bar code": ("{{ barcode('1', 'code-11') }}", 1, "kind is one of ean-13"),
    "a drawer's pin": ("{{ drawer(3) }}", 1, "a drawer is on pin 2 or 5"),
    "a feed of nothing": ("{{ feed(0) }}", 1, "a feed is 1 to 50 lines"),
    "another template of the shop's": ('{% extends "other.jinja" %}', 1, 'there is no template "other.jinja"'),
    "a file outside": ('{% extends "../secret.jinja" %}', 1, 'there is no template "../secret.jinja"'),
    "a file outside by builtin": ('{% extends "builtin/../values.jinja" %}', 1, "there is no template"),
    "an empty paper's tag": ("{{ unknown.field }}", 1, "'unknown' is undefined"),
    "what is behind a value": ("{{ slip.__class__ }}", 1, "__class__"),
    "what is behind a text": ("{{ slip.till.format() }}", 1, "format"),
    "what is behind a function": ("{{ line.__globals__ }}", 1, "__globals__"),
    "what is behind a tag": ("{{ _sheet.step() }}", 1, "step"),
    "what is behind a date": ("{{ slip.at.strftime('%9999d') }}", 1, "strftime"),
    "another template in the middle": ('\n{% include "builtin/slip.jinja" %}', 2, "include is not for templates"),
    "another template's macros": ('{% import "builtin/slip.jinja" as it %}', 1, "import is not for templates"),
    "a template by a value": ("{% extends slip.shop %}", 1, "the template that is extended is named by a text"),
    "a table": ("{{ {1: 2}|string }}", 1, "tables in braces are not for templates"),
    "a fraction": ("{{ 1.5 }}", 1, "a number is whole"),
    "a division": ("\n{{ 3 / 2 }}", 2, "/ is not for templates"),
    "a long number": ("{{ 99999999999999999999 }}", 1, "a number is whole, and below 2 to the power of 63"),
    "a sum of texts": ("{{ 'a' + 'b' }}", 1, "+ is for whole numbers; ~ joins texts"),
    "a list of lists": ("{% set x = [[1]] %}", 1, "a list holds no other list"),
    "arguments in a list": ("{{ line(*['a']) }}", 1, "arguments are written one by one"),
    "arguments without a name": (
        "{% macro m() %}{{ varargs|length }}{% endmacro %}{{ m(1) }}",
        1,
        "varargs is not for templates",
    ),
    "nothing replaced": ("{{ 'a'|replace('', 'b') }}", 1, "nothing cannot be replaced"),
    "a list as a text": ("{{ [1]|upper }}", 1, "a list cannot be printed"),
    "a filter that is not there": ("a\n{{ 'a'|pprint }}", 2, "No filter named 'pprint'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_template_names_its_line(tmp_path: Path, what: str) -> None:
    source, line, reason = BROKEN[what]
    told = fault(tmp_path, source)
    assert told[0] == line
    assert reason in told[1]


FOR_EVER = {
    "rows": "{% for a in range(1000) %}{% for b in range(1000) %}{{ line('x') }}{% endfor %}{% endfor %}",
    "loops": "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
    "a macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that doubles": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "a recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a long range": "{% for a in range(10000000) %}{% endfor %}",
    "a large number": "{{ 10 ** 10 ** 10 }}",
    "a product of texts": "{{ 'x' * 10000000000 }}",
    "a format": "{{ '%9999999999d' % 1 }}",
    "a text that doubles": "{% set x = 'xxxxxxxx' %}" + "{% set x = x ~ x %}" * 40,
    "a sum that doubles": "{% set x = 'xxxxxxxx' %}" + "{% set x = x + x %}" * 40,
    "a list that doubles": "{% set x = [1, 2] %}" + "{% set x = x + x %}" * 40,
}


TWICE = "{% set ns = namespace(x='aaaa', y='aaaa') %}{% for i in range(60) %}"
FOR_EVER |= {
    "a rounded number": "{{ 1|round(300000000, 'ceil') }}",
    "a batch": "{{ [1]|batch(300000000, 0)|list|length }}",
    "a join with itself": TWICE + "{% set ns.x = range(1000)|join(ns.x) %}{% endfor %}",
    "letters replaced by two": TWICE + "{% set ns.x = ns.x|replace('a', 'aa') %}{% endfor %}",
    "a set block": TWICE + "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
    "a filter block": TWICE
    + "{% set ns.x %}{% filter upper %}{{ ns.x }}{{ ns.x }}{% endfilter %}{% endset %}{% endfor %}",
    "a macro's text": "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}" + TWICE + "{% set ns.x = m(ns.x) %}{% endfor %}",
    "a block's text": "{% block a %}aaaa{% endblock %}"
    + "".join(
        f"{{% block a{n} %}}{{{{ self.a{n - 1 or ''}() }}}}{{{{ self.a{n - 1 or ''}() }}}}{{% endblock %}}"
        for n in range(1, 40)
    ),
    "lists of lists": TWICE + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|string }}",
    "a sum of lists": TWICE + "{% set ns.x = [ns.x]|sum(start=[]) %}{% endfor %}",
    "a number that doubles": "{% set ns = namespace(x=2) %}{% for i in range(900) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "a date": "{{ slip.at.strftime('%1000000000Y') }}",
    "letters of a long text in capitals": "{% set x %}{% for i in range(1000) %}"
    + "a" * 90
    + "{% endfor %}{% endset %}{% for i in range(1000) %}{% for j in range(50) %}{% set y = x|upper %}{% endfor %}{% endfor %}",
    "comparisons of long texts": "{% set x %}{% for i in range(1000) %}"
    + "a" * 90
    + "{% endfor %}{% endset %}{% set y = x|trim ~ '' %}"
    + "{% for i in range(1000) %}{% for i in range(1000) %}"
    + "{% set z = x < y %}" * 100
    + "{% endfor %}{% endfor %}",
    "plain text": "{% for i in range(1000) %}{% for j in range(50) %}" + "a" * 40_000 + "{% endfor %}{% endfor %}",
    "plain text in a macro": "{% macro m() %}"
    + "a" * 40_000
    + "{% endmacro %}{% for i in range(1000) %}{% set x = m() %}{% endfor %}",
    "many parts": "{% set x %}{% for i in range(1000) %}{% for j in range(50) %}"
    + "{% with %}{% endwith %}" * 2000
    + "{% endfor %}{% endfor %}{% endset %}",
    "QR codes": "{% for i in range(1000) %}{% for j in range(9) %}{{ qr('a' ~ i|string ~ j|string) }}{% endfor %}{% endfor %}",
    "a QR code again and again": "{% set x = qr('a') %}{% for i in range(1000) %}{{ x }}{% endfor %}",
    "feeds": "{% for i in range(1000) %}{{ feed(50) }}{% endfor %}",
    "a feed again and again": "{% set x = feed(50) %}{% for i in range(1000) %}{{ x }}{% endfor %}",
    "empty lines": "{% set x %}{% for i in range(999) %}\n\n{% endfor %}{% endset %}{% for i in range(100) %}{{ line('a' ~ x ~ 'b') }}{% endfor %}",
    "a text that is odd": "{{ 'a' if '%999999999d' is odd else 'b' }}",
    "a text that is divisible": "{{ 'a' if '%999999999d' is divisibleby(2) else 'b' }}",
    "parts of a text": "{% set x %}{% for i in range(1000) %}"
    + "a" * 90
    + "{% endfor %}{% endset %}{% set y = ["
    + "x[1:]," * 900
    + "] %}",
    "a long list": "{% set x = [" + "1," * 20_000 + "] %}",
    "looking through lists": "{% set x %}{% for i in range(1000) %}"
    + "a" * 90
    + "{% endfor %}{% endset %}{% set y = ["
    + "x," * 1000
    + "] %}{% set z = x|trim ~ 'b' %}"
    + "{% for i in range(1000) %}{% for i in range(1000) %}"
    + "{% set w = z in y %}" * 100
    + "{% endfor %}{% endfor %}",
    "itself": '{% extends "slip.jinja" %}',
    "itself in the middle": '{% if slip %}{% include "slip.jinja" %}{% include "slip.jinja" %}{% endif %}',
}


@pytest.mark.parametrize("what", FOR_EVER)
def test_a_template_that_does_not_end_is_stopped(tmp_path: Path, what: str) -> None:
    begun = time.thread_time()
    tracemalloc.start()
    try:
        fault(tmp_path, FOR_EVER[what])
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.thread_time() - begun < 12  # memory is watched, which takes most of it
    assert most < 60_000_000


def test_a_template_that_did_not_end_is_not_tried_again_until_the_shop_changes_it(tmp_path: Path) -> None:
    templates = own(tmp_path, "slip", '{% extends "base.jinja" %}')
    base = tmp_path / "base.jinja"
    base.write_text(FOR_EVER["loops"], encoding="utf-8")
    built_in = written(Templates(None), "slip", SHORT)
    assert written(templates, "slip", SHORT) == built_in
    begun = time.thread_time()
    assert [written(templates, "slip", SHORT) for _ in range(20)] == [built_in] * 20
    assert time.thread_time() - begun < 1
    base.write_text("mended", encoding="utf-8")
    os.utime(base, ns=(1, 1))
    assert text(written(templates, "slip", SHORT)) == "mended\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ (2 - 7)|abs }}", "5"),
        ("{{ nothing|default('x') }}{{ slip.shop|default('x') }}", "xCorner | Shop"),
        ("{{ [3, 1, 2]|first }}{{ [3, 1, 2]|last }}{{ [3, 1, 2]|max }}{{ [3, 1, 2]|min }}", "3231"),
        ("{{ ' 12 '|int + 1 }} {{ 'x'|int(7) }}", "13 7"),
        ("{{ range(1, 4)|join('-') }} {{ [slip.till, 'b']|join }}", "1-2-3 2b"),
        ("{{ slip.lines|length }} {{ 'abc'|length }}", "1 3"),
        ("{{ 'abc'|reverse|join }} {{ range(3)|reverse|join(',') }} {{ 'abc'|list|last }}", "cba 2,1,0 c"),
        ("{{ 'aBc'|lower }}{{ 'aBc'|upper }}{{ '  x '|trim }}", "abcABCx"),
        ("{{ 'banana'|replace('an', '-') }}", "b--a"),
        ("{{ 1234567|string }} {{ 1234567 }}", "1234567 1,234,567"),
        ("{{ 7 // 2 }} {{ 7 % 4 }} {{ 2 * 3 - 1 }}", "3 3 5"),
        ("{{ slip.at.year|string }}-{{ slip.at.month }}", "2026-3"),
        ("{% for one in [1, 2, 3] %}{{ one }}{{ ',' if not loop.last }}{% endfor %}", "1,2,3"),
        ("{{ 'abcdef'[1:3] }}{{ (range(5)|list)[-1] }}{{ [1, 2, 3][:2]|join }}", "bc412"),
        ("{{ 'a' if 6 is divisibleby(3) and 4 is even and slip.shop is string }}", "a"),
        ("{{ 'a' if slip.till in ('1', '2') else 'b' }}{{ 'c' if slip.number is odd }}", "ac"),
    ],
)
def test_what_filters_and_signs_give(tmp_path: Path, source: str, said: str) -> None:
    assert blocks(tmp_path, source) == (Line(text=said),)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    assert fault(tmp_path, b"\xff\xfea") == (None, "the file is not UTF-8 text")


def test_a_file_that_is_too_long_is_named(tmp_path: Path) -> None:
    assert fault(tmp_path, "x" * 50_001) == (None, "the file has more than 50,000 bytes")


def test_the_built_in_template_prints_instead_of_a_broken_one_and_the_log_says_it_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    templates = own(tmp_path, "slip", "{{ rule() }}\n{{ slip.shpo }}")
    with caplog.at_level(logging.ERROR):
        papers = [written(templates, "slip", SHORT) for _ in range(3)]
    assert papers == [written(Templates(None), "slip", SHORT)] * 3
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith(f"{tmp_path / 'slip.jinja'}:2: ")
    assert said[0].endswith("; the built-in template prints instead")


def test_the_longest_basket_is_within_the_limits() -> None:
    many = tuple(Goods(name="Nan", amount_minor=100, quantity_milli=2_000, price_minor=50) for _ in range(2_000))
    assert text(written(Templates(None), "slip", replace(SHORT, lines=many))).count("2 x £0.50") == 2_000
