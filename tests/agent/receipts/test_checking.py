"""A shop's templates are looked at before a customer waits."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.receipts import ReceiptsConfig
from agent.receipts.checking import faults, log_faults
from agent.terminal import Terminal
from tests.agent.shops import shop


def told(folder: Path, **sources: str) -> list[str]:
    for name, source in sources.items():
        (folder / f"{name}.jinja").write_text(source, encoding="utf-8")
    return [str(fault).replace(str(folder), "") for fault in faults(ReceiptsConfig(templates=folder), "en")]


def test_templates_that_work_have_no_faults(tmp_path: Path) -> None:
    assert told(tmp_path, slip='{% extends "builtin/slip.jinja" %}', shift="{{ shift.sales }}") == []


def test_without_a_folder_there_is_nothing_to_find() -> None:
    assert faults(ReceiptsConfig(), "en") == []


def test_every_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    said = told(tmp_path, slip="a\n{{ slip.shpo }}", coupon="{% for", shift="{{ shift.sales }}")
    assert [fault.split(": ")[0] for fault in said] == ["/coupon.jinja:1", "/slip.jinja:2"]


def test_what_fails_only_on_an_empty_paper_is_found_too(tmp_path: Path) -> None:
    assert [fault.split(": ")[0] for fault in told(tmp_path, slip="a\n\n{{ slip.member.card }}")] == ["/slip.jinja:3"]


def test_a_name_that_no_template_has_is_named(tmp_path: Path) -> None:
    [fault] = told(tmp_path, slipp="a")
    assert fault.startswith("/slipp.jinja: no template is called slipp; there are slip, appended, coupon,")


def test_a_file_that_a_template_extends_is_no_fault_and_its_own_are_named_with_its_line(tmp_path: Path) -> None:
    child = '{% extends "base.jinja" %}{% block foot %}x{% endblock %}'
    assert told(tmp_path, slip=child, base="a\n{% block foot %}{% endblock %}") == []
    [fault] = told(tmp_path, base="a\n\n{{ slip.shpo }}{% block foot %}{% endblock %}")
    assert fault.startswith("/base.jinja:3: ")
    [fault] = told(tmp_path, base="a\n{% block foot %}\n\n{% if %}{% endblock %}")
    assert fault.startswith("/base.jinja:4: ")
    [fault] = told(tmp_path, slip="{{ rule() }}")
    assert fault.startswith("/base.jinja: no template is called base; ")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    [fault] = faults(ReceiptsConfig(templates=tmp_path / "none"), "en")
    assert str(fault) == f"{tmp_path / 'none'}: the folder cannot be read: No such file or directory"


def test_the_agent_says_at_its_start_what_is_broken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "slip.jinja").write_text("a\n{{ slip.shpo }}", encoding="utf-8")
    settings = replace(shop(tmp_path / "till"), receipts=ReceiptsConfig(templates=folder))
    with caplog.at_level(logging.ERROR), Terminal(settings):
        pass
    assert any(f"{folder / 'slip.jinja'}:2: " in record.getMessage() for record in caplog.records)


def test_nothing_is_logged_of_templates_that_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "slip.jinja").write_text("a", encoding="utf-8")
    log_faults(ReceiptsConfig(templates=tmp_path), "ka")
    assert caplog.records == []
