"""The page reads a scanner that types as a keyboard, under a layout that is not its own, and lets people type.

In a real browser: keys come with the code of the key and the letter that an Armenian layout makes of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.terminal import Terminal
from tests.agent.api.browser import Tab, browser
from tests.agent.callers import Caller, check
from tests.agent.shops import CARD, OTHER_CARD, shop

LAYOUTS = Path(__file__).resolve().parents[4] / "shared" / "cases" / "keyboard_layouts.json"
POINTS = {"points": 28}
PAN = "4012002000060016"
SHIFT, CONTROL, ALT = 8, 2, 1
PUNCTUATION = {
    "-": "Minus",
    "=": "Equal",
    "[": "BracketLeft",
    "]": "BracketRight",
    "\\": "Backslash",
    ";": "Semicolon",
    "'": "Quote",
    "`": "Backquote",
    ",": "Comma",
    ".": "Period",
    "/": "Slash",
    " ": "Space",
}
SHIFTED = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./", strict=True))
FAST_S, SLOW_S = 0.0, 0.15


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with Terminal(shop(tmp_path_factory.mktemp("till"))) as running:
        with Caller.of(running) as pos:
            assert pos.post("enrol", {"card": CARD, "nickname": "Асель"}, key="e1").status_code == 200
            assert pos.post("commit", check(), key="c1").status_code == 200
            assert pos.post("inquire", {"scan": CARD}).json()["balances"] == POINTS
        yield running


@pytest.fixture(scope="module")
def opened(terminal: Terminal) -> Iterator[Tab]:
    with browser() as tab:
        tab.open(terminal.url)
        tab.wait_for("document.getElementById('scanned') && document.readyState == 'complete'")
        tab.run(
            """(() => {
                window.asked = [];
                const real = window.fetch;
                window.fetch = (to, options) => {
                    if (to === "/v1/inquire") window.asked.push(JSON.parse(options.body).scan);
                    return real(to, options);
                };
                window.submitted = 0;
                const form = document.createElement("form");
                form.onsubmit = (event) => { event.preventDefault(); window.submitted += 1; };
                form.innerHTML = '<input id="field"><textarea id="area"></textarea>';
                document.body.append(form);
            })()"""
        )
        for _ in range(5):  # a browser that has just started is slow at its first keys
            type_in(tab, CARD, CARD, apart_s=FAST_S)
            time.sleep(0.5)
        yield tab


@pytest.fixture
def tab(opened: Tab) -> Tab:
    opened.run(
        """window.asked = []; window.submitted = 0; document.activeElement.blur();
        for (const one of document.querySelectorAll("input, textarea")) one.value = "";
        document.getElementById("scanned").hidden = true"""
    )
    time.sleep(0.25)
    return opened


def code_of(char: str) -> tuple[str, int]:
    """The key of a character on a US keyboard, and whether shift is held."""
    if char.isalpha():
        return f"Key{char.upper()}", SHIFT if char.isupper() else 0
    if char in SHIFTED:
        return code_of(SHIFTED[char])[0], SHIFT
    return (f"Digit{char}" if char.isdigit() else PUNCTUATION[char]), 0


def press(tab: Tab, code: str, key: str, modifiers: int = 0) -> None:
    letter = {"text": key} if len(key) == 1 and not modifiers & (CONTROL | ALT) else {}
    tab.tell("Input.dispatchKeyEvent", type="keyDown", code=code, key=key, modifiers=modifiers, **letter)
    tab.tell("Input.dispatchKeyEvent", type="keyUp", code=code, key=key, modifiers=modifiers)


def type_in(tab: Tab, text: str, host_sees: str, *, apart_s: float, end: str = "Enter") -> None:
    """Type what a US keyboard has for ``text``, on a host whose layout makes ``host_sees`` of it."""
    for char, seen in zip(text, host_sees, strict=True):
        press(tab, *_keys(char, seen))
        time.sleep(apart_s)
    if end:
        letter = {"text": "\r"} if end.endswith("Enter") else {}
        tab.tell("Input.dispatchKeyEvent", type="keyDown", code=end, key=end.removeprefix("Numpad"), **letter)
        tab.tell("Input.dispatchKeyEvent", type="keyUp", code=end, key=end.removeprefix("Numpad"))


def _keys(char: str, seen: str) -> tuple[str, str, int]:
    code, modifiers = code_of(char)
    return code, seen, modifiers


def armenian(text: str) -> str:
    """Letters for these keys that are none of theirs."""
    return "".join(chr(0x561 + ord(char) % 38) for char in text)


def asked(tab: Tab, count: int = 1) -> list[str]:
    tab.wait_for(f"window.asked.length >= {count}")
    found: list[str] = tab.run("window.asked")
    return found


@pytest.mark.parametrize("end", ["Enter", "NumpadEnter", "Tab"])
def test_a_members_card_is_read_by_its_keys_and_shown_in_the_stores_words(tab: Tab, end: str) -> None:
    type_in(tab, CARD, armenian(CARD), apart_s=FAST_S, end=end)
    assert asked(tab) == [CARD]
    tab.wait_for("!document.getElementById('scanned').hidden")
    shown = tab.run("document.getElementById('scanned').innerText")
    assert shown.splitlines()[0].startswith("Асель")
    assert shown.splitlines()[-1] == f"Balance: {POINTS['points']}"


def test_a_scan_leaves_no_trace_in_the_field_that_has_the_focus(tab: Tab) -> None:
    tab.run("document.getElementById('field').focus()")
    type_in(tab, "]E0" + CARD, armenian("]E0" + CARD), apart_s=FAST_S)
    assert asked(tab) == ["]E0" + CARD]
    assert tab.run("[document.getElementById('field').value, window.submitted]") == ["", 0]


def test_what_a_person_types_arrives_in_the_field_as_the_layout_has_it(tab: Tab) -> None:
    tab.run("document.getElementById('field').focus()")
    type_in(tab, "barev 42", "բարեւ ձօ"[:8], apart_s=SLOW_S)
    tab.wait_for("window.submitted == 1")
    assert tab.run("[document.getElementById('field').value, window.asked]") == ["բարեւ ձօ", []]


def test_a_scan_between_two_words_changes_neither(tab: Tab) -> None:
    tab.run("document.getElementById('area').focus()")
    type_in(tab, "ab", "ab", apart_s=SLOW_S, end="")
    time.sleep(0.25)
    type_in(tab, CARD, armenian(CARD), apart_s=FAST_S)
    assert asked(tab) == [CARD]
    type_in(tab, "cd", "cd", apart_s=SLOW_S, end="")
    tab.wait_for("document.getElementById('area').value == 'abcd'")


def test_three_quick_keys_are_a_person(tab: Tab) -> None:
    tab.run("document.getElementById('field').focus()")
    type_in(tab, "abc", "աբց", apart_s=FAST_S)
    tab.wait_for("window.submitted == 1")
    assert tab.run("[document.getElementById('field').value, window.asked]") == ["աբց", []]


def test_the_rest_of_a_scan_that_stuttered_is_no_scan(tab: Tab) -> None:
    tab.run("document.getElementById('field').focus()")
    type_in(tab, CARD[:2], CARD[:2], apart_s=0.08, end="")
    type_in(tab, CARD[2:], CARD[2:], apart_s=FAST_S)
    tab.wait_for("window.submitted == 1")
    assert tab.run("[document.getElementById('field').value, window.asked]") == [CARD, []]


def test_a_scanner_without_a_terminator_is_read_from_its_second_scan_on(tab: Tab) -> None:
    """The first silence behind scans that ended with a key may be a stall."""
    type_in(tab, CARD, CARD, apart_s=FAST_S)
    for _ in range(3):
        time.sleep(1.1)
        type_in(tab, OTHER_CARD, OTHER_CARD, apart_s=FAST_S, end="")
    assert asked(tab, 3) == [CARD, OTHER_CARD, OTHER_CARD]
    time.sleep(1.1)  # or the next test's scan would be the rest of this one


@pytest.mark.parametrize(
    "pieces", [("210000", "0000012"), ("2100", "0000", "00012"), ("21000000000", "12"), (CARD, "")]
)
@pytest.mark.parametrize("field", ["", "field"])
def test_no_piece_of_a_scan_that_stalled_is_a_scan_and_the_next_is(
    tab: Tab, pieces: tuple[str, ...], field: str
) -> None:
    if field:
        tab.run("document.getElementById('field').focus()")
    type_in(tab, OTHER_CARD, OTHER_CARD, apart_s=FAST_S)
    time.sleep(0.5)
    for place, piece in enumerate(pieces, 1):
        type_in(tab, piece, piece, apart_s=FAST_S, end="Enter" if place == len(pieces) else "")
        time.sleep(0.3)
    type_in(tab, CARD, CARD, apart_s=FAST_S)
    assert asked(tab, 2) == [OTHER_CARD, CARD]
    assert tab.run("[document.getElementById('field').value, window.submitted]") == ["", 0]


def test_a_leading_gs_sent_as_ctrl_and_bracket_is_part_of_the_scan(tab: Tab) -> None:
    press(tab, "BracketRight", "]", CONTROL)
    type_in(tab, "8018952012345678912345", "8018952012345678912345", apart_s=FAST_S)
    assert asked(tab) == ["\x1d8018952012345678912345"]


def test_ctrl_and_bracket_of_a_person_types_nothing(tab: Tab) -> None:
    tab.run("document.getElementById('field').focus()")
    press(tab, "BracketRight", "]", CONTROL)
    time.sleep(0.2)
    type_in(tab, "ab", "ab", apart_s=SLOW_S, end="")
    tab.wait_for("document.getElementById('field').value == 'ab'")
    assert asked(tab, 0) == []


def test_gs_sent_as_ctrl_and_bracket_is_part_of_the_scan(tab: Tab) -> None:
    type_in(tab, "]C110AB", "]C110AB", apart_s=FAST_S, end="")
    press(tab, "BracketRight", "]", CONTROL)
    type_in(tab, "21X", "21X", apart_s=FAST_S)
    assert asked(tab) == ["]C110AB\x1d21X"]


def test_characters_sent_as_alt_numbers_are_part_of_the_scan(tab: Tab) -> None:
    for byte in "LOY-кг".encode():
        tab.tell("Input.dispatchKeyEvent", type="rawKeyDown", code="AltLeft", key="Alt", modifiers=ALT)
        for digit in f"{byte:04}":
            press(tab, f"Numpad{digit}", digit, ALT)
        tab.tell("Input.dispatchKeyEvent", type="keyUp", code="AltLeft", key="Alt")
    type_in(tab, "", "", apart_s=FAST_S)
    assert asked(tab) == ["LOY-кг"]


def test_every_key_of_a_us_keyboard_is_known(tab: Tab) -> None:
    text = "".join(chr(code) for code in range(0x20, 0x7F))
    type_in(tab, text, armenian(text), apart_s=FAST_S)
    assert asked(tab) == [text]


def test_a_payment_card_is_refused_and_not_shown(tab: Tab) -> None:
    type_in(tab, f";{PAN}=2512101?", armenian(f";{PAN}=2512101?"), apart_s=FAST_S)
    asked(tab)
    tab.wait_for("!document.getElementById('scanned').hidden")
    assert tab.run("document.getElementById('scanned').classList.contains('warn')")
    assert PAN not in tab.run("document.documentElement.outerHTML")


def test_a_new_card_may_be_issued(tab: Tab) -> None:
    type_in(tab, OTHER_CARD, OTHER_CARD, apart_s=FAST_S)
    tab.wait_for("document.getElementById('scanned').innerText.startsWith('A new card')")


def test_a_scan_that_began_before_the_page_listened_is_none(tab: Tab) -> None:
    tab.run("window.dispatchEvent(new Event('blur'))")
    type_in(tab, "345678900", "345678900", apart_s=FAST_S)
    time.sleep(0.3)
    type_in(tab, CARD, CARD, apart_s=FAST_S)
    assert asked(tab) == [CARD]


def layouts() -> list[Any]:
    if not LAYOUTS.exists():
        return [pytest.param("", "", marks=pytest.mark.skip("shared: the layouts are not beside this checkout"))]
    return [
        pytest.param(one["scan"], one["typed"], id=f"{one['layout']} {one['scan'][:12]}")
        for one in json.loads(LAYOUTS.read_text(encoding="utf-8"))
        if len(one["scan"]) == len(one["typed"])
    ]


@pytest.mark.parametrize(("scan", "typed"), layouts())
def test_the_shared_layouts_make_no_difference(tab: Tab, scan: str, typed: str) -> None:
    type_in(tab, scan, typed, apart_s=FAST_S)
    assert asked(tab) == [scan]


def test_the_pages_own_policy_lets_no_other_script_run(tab: Tab) -> None:
    tab.run(
        "(() => { const one = document.createElement('script'); one.text = 'window.foreign = 1'; document.body.append(one) })()"
    )
    assert tab.run("window.foreign") is None
