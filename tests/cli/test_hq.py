"""Codes and links from HQ, whether it runs in another process or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from agent.config.read import load_till_config
from agent.till.till import Till
from cli.main import main
from hq.control.channel import CONTROL_FILE
from tests.cli.commands import start, wait_for, write_config

SEES_OTHER = 303
CARDS = '{ prefix = "2100", min_length = 13 }'


@contextmanager
def served(config: Path) -> Iterator[str]:
    """HQ in a process of its own; gives its address. It is killed at the end."""
    process = start("hq", "serve", "--config", config, cwd=config.parent)
    try:
        url = wait_for(process, "HQ serves at ").split()[-1]
        wait_for(process, "Ctrl-C ends it")
        yield url
    finally:
        process.kill()
        process.communicate()


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """The one line on standard output of a command that ends well."""
    capsys.readouterr()
    assert main([*map(str, words)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    return line


def status_of(link: str) -> int:
    page, _, secret = link.partition("?link=")
    return requests.post(page, data={"link": secret}, timeout=20, allow_redirects=False).status_code


def test_a_code_made_while_hq_runs_pairs_a_till(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with served(config) as url:
        code = said(capsys, "hq", "pair-code", "--config", config)
        write_config(tmp_path, f'[sync]\nhq_url = "{url}"\n[hq]\nport = 0\n')
        assert said(capsys, "till", "pair", code, "--config", config).startswith(
            "paired with Loyaltill; this till's id"
        )


def test_a_link_made_while_hq_runs_leads_to_it_and_signs_in_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with served(config) as url:
        link = said(capsys, "hq", "link", "--config", config)
        assert link.startswith(f"{url}/sign-in?link=")
        assert [status_of(link), status_of(link)] == [SEES_OTHER, requests.codes.forbidden]


def test_a_public_address_stands_in_links_made_while_hq_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, '[hq]\nport = 0\npublic_url = "https://hq.example.com"\n')
    with served(config):
        assert said(capsys, "hq", "link", "--config", config).startswith("https://hq.example.com/sign-in?link=")


def test_codes_and_links_are_made_on_the_book_where_hq_was_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with served(config):
        pass
    assert (tmp_path / "hq-data" / CONTROL_FILE).exists()
    link = said(capsys, "hq", "link", "--config", config).partition("/sign-in")[2]
    code = said(capsys, "hq", "pair-code", "--config", config)
    with served(config) as url:
        assert status_of(f"{url}/sign-in{link}") == SEES_OTHER
        write_config(tmp_path, f'[sync]\nhq_url = "{url}"\n[hq]\nport = 0\n')
        assert said(capsys, "till", "pair", code, "--config", config).startswith("paired with Loyaltill")


def test_a_restored_hq_begins_a_new_epoch_at_a_persons_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path)
    first, second = (said(capsys, "hq", "restored", "--config", config) for _ in range(2))
    assert first.startswith("HQ begins a new epoch, ")
    assert first != second


def test_hq_is_not_declared_restored_while_it_runs(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with served(config):
        assert main(["hq", "restored", "--config", str(config)]) == 1


def test_a_member_code_made_while_hq_runs_is_good_at_a_till_that_it_paired(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with served(config) as url:
        code = said(capsys, "hq", "pair-code", "--config", config)
        write_config(tmp_path, f'[sync]\nhq_url = "{url}"\n[cards]\nrange = [{CARDS}]\n[hq]\nport = 0\n')
        said(capsys, "till", "pair", code, "--config", config)
        shown = said(capsys, "hq", "member-code", "2100000000012", "--minutes", "10", "--config", config)
    with Till(load_till_config(config)) as till:
        assert till.identify(f"]Q1{shown}") == {"card": "2100000000012", "member": None, "may_enrol": True}


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["21 00"], "CARD: expected a card number"),
        (["2100000000012", "--minutes", "0"], "--minutes: expected 1 to 240"),
        (["2100000000012"], "HQ was never started here"),
    ],
)
def test_a_member_code_that_cannot_be_made_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], fault: str
) -> None:
    config = write_config(tmp_path)
    assert main(["hq", "member-code", *words, "--config", str(config)]) in {1, 2}
    assert fault in capsys.readouterr().err
