"""The table ``[receipts]`` of config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.config.receipts import OwnPaper, ReceiptLanguage, ReceiptsConfig
from loyalty.reading.problems import BadFile

REST = '[store]\nid = "S1"\nname = "Shop"\ntime_zone = "Asia/Almaty"\n[programme]\nfile = "p.toml"\n'


def read(folder: Path, text: str) -> ReceiptsConfig:
    path = folder / "config.toml"
    path.write_text(REST + text, encoding="utf-8")
    return load_till_config(path).receipts


def test_without_the_table_a_receipt_speaks_the_members_language_by_the_built_in_templates(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ReceiptsConfig(language=ReceiptLanguage.MEMBER, templates=None, member_page="")


def test_every_key_is_read(tmp_path: Path) -> None:
    text = '[receipts]\nlanguage = "both"\ntemplates = "own"\nmember_page = "https://club.example.com/me"\n'
    text += 'own_paper = ["invitation", "coupon"]\nlogo = "own/logo.png"\nfont = "f.ttf"\n'
    assert read(tmp_path, text) == ReceiptsConfig(
        language=ReceiptLanguage.BOTH,
        templates=tmp_path / "own",
        member_page="https://club.example.com/me",
        logo=tmp_path / "own/logo.png",
        font=tmp_path / "f.ttf",
        own_paper=(OwnPaper.INVITATION, OwnPaper.COUPON),
    )


@pytest.mark.parametrize("given", ['"coupon"', '["slip"]', '["coupon", "coupon"]', "[1]"])
def test_what_has_a_paper_of_its_own_is_a_list_of_known_papers(tmp_path: Path, given: str) -> None:
    with pytest.raises(BadFile, match=r"receipts\.own_paper: expected a list of"):
        read(tmp_path, f"[receipts]\nown_paper = {given}\n")


def test_every_fault_is_told_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as caught:
        read(tmp_path, '[receipts]\nlanguage = "hers"\nmember_page = "club"\ntemplate = "own"\n')
    assert [line.split(": ", 1)[1].split("config.toml:")[-1] for line in caught.value.lines()] == [
        "receipts.language: expected one of member, store, both [wrong_value]",
        'receipts.member_page: expected a URL, as "https://club.example.com" [wrong_value]',
        'receipts.template: unknown key; did you mean "templates"? [unknown_key]',
    ]


@pytest.mark.parametrize("language", ["ka", "tr", "uz"])
def test_a_shop_may_speak_a_language_of_paper(tmp_path: Path, language: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(REST.replace('name = "Shop"\n', f'name = "Shop"\nlanguage = "{language}"\n'), encoding="utf-8")
    assert load_till_config(path).store.language == language
