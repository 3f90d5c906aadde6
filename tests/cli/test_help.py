"""What the command says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import _COMMANDS, main
from cli.programme.commands import COMMANDS as PROGRAMME_COMMANDS
from tests.cli.commands import environment, run_it, start, write_config

COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    (): ("points, rewards and receipts at the till", "loyaltill demo"),
    ("till",): ("A till needs no HQ", "loyaltill till run"),
    ("till", "run"): ("Serve the POS program", "loyaltill till run --config"),
    ("till", "pair"): ("good once, for 15 minutes", "loyaltill till pair 7K2M9-Q0XAB"),
    ("receipt",): ("without a sale and without a printer", "loyaltill receipt list"),
    ("receipt", "list"): ("printer profiles", "loyaltill receipt list"),
    ("receipt", "render"): ("a long sale of realistic goods", "loyaltill receipt render --template coupon"),
    ("receipt", "data"): ("a start for a file of your own", "loyaltill receipt data --template slip"),
    ("receipt", "pictures"): ("every template in every language", "loyaltill receipt pictures docs"),
    ("hq",): ("the server that tills send their journals to", "loyaltill hq serve"),
    ("hq", "serve"): ("until Ctrl-C", "loyaltill hq serve --config"),
    ("hq", "pair-code"): ("one till pairs within 15 minutes", "loyaltill hq pair-code --config"),
    ("hq", "link"): ("signs one person in", "loyaltill hq link --config"),
    ("hq", "restored"): ("came back from a backup", "loyaltill hq restored --config"),
    ("hq", "stock"): ("only what it was said to have", "loyaltill hq stock list"),
    ("hq", "stock", "list"): ("by the programme in force there", "loyaltill hq stock list --store s1"),
    ("hq", "stock", "set"): ("as they were counted", "loyaltill hq stock set --reward mug"),
    ("hq", "stock", "add"): ("the same delivery is added once", "loyaltill hq stock add --reward mug"),
    ("hq", "limits"): ("uses in all", "loyaltill hq limits"),
    ("hq", "leases"): ("closes when its till says so", "loyaltill hq leases list"),
    ("hq", "leases", "list"): ("those that ended too", "loyaltill hq leases list --all"),
    ("hq", "leases", "recall"): ("asks for that", "loyaltill hq leases recall 3f9a21"),
    ("hq", "leases", "write-off"): ("the merchant's loss", "loyaltill hq leases write-off 3f9a21"),
    ("hq", "jobs"): ("does nothing twice", "loyaltill hq jobs run --only expiry,tiers"),
    ("hq", "adjust"): ("an entry of HQ's own", "loyaltill hq adjust"),
    ("hq", "audit"): ("HQ may be running or not: nothing is written", "loyaltill hq audit"),
    ("hq", "backup"): ("check the copy", "loyaltill hq backup"),
    ("hq", "member-code"): ("with or without HQ", "loyaltill hq member-code 2100000000012 --minutes 10"),
    ("hq", "snapshot"): ("tills of a large merchant", "loyaltill hq snapshot"),
    ("hq", "coupons"): ("keep lists of codes as you would keep money", "loyaltill hq coupons issue --coupon spring"),
    ("hq", "coupons", "issue"): ("run it again with the same --once", "loyaltill hq coupons issue --coupon spring"),
    ("hq", "coupons", "show"): ("when it can be used", "loyaltill hq coupons show C01234567897"),
    ("hq", "coupons", "withdraw"): ("until it hears of it", "loyaltill hq coupons withdraw C01234567897"),
    ("hq", "member"): ("What people do about members", "loyaltill hq member merge --card"),
    ("hq", "member", "merge"): ("There is no way back", "loyaltill hq member merge --card 29001234"),
    ("hq", "member", "erase"): ("nobody can use them", "loyaltill hq member erase --card 29001234"),
    ("hq", "exceptions"): ("a person should know", "loyaltill hq exceptions list"),
    ("hq", "exceptions", "list"): ("the newest first", "loyaltill hq exceptions list --till 3f2a"),
    ("hq", "exceptions", "show"): ("card numbers and codes masked", "loyaltill hq exceptions show WHICH"),
    ("hq", "exceptions", "settle"): ("Doing it again changes nothing", "loyaltill hq exceptions settle WHICH --note"),
    ("hq", "parked"): ("stored and acknowledged but could not post", "loyaltill hq parked list"),
    ("hq", "parked", "list"): ("the newest first", "loyaltill hq parked list"),
    ("hq", "parked", "show"): ("the reason with the way out", "loyaltill hq parked show WHICH"),
    ("hq", "parked", "replay"): ("Each is posted once", "loyaltill hq parked replay --reason unknown_kind"),
    ("hq", "parked", "settle"): ("it has nothing to post", "loyaltill hq parked settle WHICH --note"),
    ("hq", "till"): ("who may talk to HQ", "loyaltill hq till list"),
    ("hq", "till", "list"): ("the programme they count by", "loyaltill hq till list 3f2a --json"),
    ("hq", "till", "revoke"): ("HQ refuses its token and its key", "loyaltill hq till revoke 3f2a9c01 --note"),
    ("hq", "till", "restore-access"): ("Let a till in again", "loyaltill hq till restore-access 3f2a9c01 --note"),
    ("devices",): ("what is plugged in and how it would be set up", "loyaltill devices watch"),
    ("devices", "list"): ("Nothing is opened", "loyaltill devices list --json"),
    ("devices", "watch"): ("as they come, until Ctrl-C", "loyaltill devices watch --device counter"),
    ("devices", "reload"): ("changes nothing", "loyaltill devices reload --config"),
    ("printer",): ("find out what it can do", "loyaltill printer calibrate slips"),
    ("printer", "list"): ("prints nothing", "loyaltill printer list"),
    ("printer", "profiles"): ("known by name", "loyaltill printer profiles"),
    ("printer", "test"): ("what the printer says", "loyaltill printer test spare"),
    ("printer", "calibrate"): ("found out without questions", "loyaltill printer calibrate slips --out"),
    ("programme",): ("tills fetch that and switch by themselves", "loyaltill programme publish club.toml"),
    ("programme", "check"): ("legal but may be unwise", "loyaltill programme check club.toml"),
    ("programme", "terms"): ("from the rules themselves", "loyaltill programme terms club.toml --lang kk"),
    ("programme", "quote"): ("what was missed by little", "loyaltill programme quote club.toml --basket basket.json"),
    ("programme", "diff"): ("it is no proof that none does", "loyaltill programme diff club.toml club-next.toml"),
    ("programme", "schema"): ("completes keys", "loyaltill programme schema > programme.schema.json"),
    ("programme", "test"): ("A variant of a case counts as a case", "loyaltill programme test tests/cases"),
    ("programme", "simulate"): ("what it would take", "loyaltill programme simulate draft.toml"),
    ("programme", "publish"): ("midnight of a date, or at an instant", "loyaltill programme publish club.toml"),
    ("programme", "history"): ("when HQ last heard of it", "loyaltill programme history"),
    ("programme", "rollback"): ("Go back to an earlier version", "loyaltill programme rollback --to 2026-1"),
    ("programme", "withdraw"): ("Take back a release", "loyaltill programme withdraw 3"),
    ("doctor",): ("what is wrong and what to do", "loyaltill doctor --config"),
    ("decode",): ("each line of standard input is one scan", "loyaltill decode --json < scans.txt"),
    ("policy",): ("cannot be overspent by any number of tills", "loyaltill policy explain --programme programme.toml"),
    ("replay",): ("1 point per 1.00 of goods, rounded down per sale", "loyaltill replay --receipts receipts.csv.gz"),
    ("demo",): ("Nothing leaves this machine", "loyaltill demo --receipts receipts.csv.gz"),
}


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_says_what_it_does_and_shows_an_example(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    text, example = COMMANDS[words]
    said = help_of(capsys, *words)
    assert text in " ".join(said.split())
    assert f"\n  {example}" in said


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("words", COMMANDS)
def test_help_fits_the_terminal(
    words: tuple[str, ...], columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    prose = [line for line in help_of(capsys, *words).splitlines() if not line.startswith("  ")]
    assert max(map(len, prose)) <= columns


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    for words in COMMANDS:
        for line in help_of(capsys, *words).splitlines():
            if line.startswith("  -"):
                assert re.match(r"  -.*?\s{2,}\w", line), f"{words}: {line}"


def test_the_command_without_words_reads_as_written_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert help_of(capsys) == (Path(__file__).parent / "help.txt").read_text(encoding="utf-8")


def test_every_command_of_the_registry_is_tested() -> None:
    assert set(_COMMANDS) == {words[0] for words in COMMANDS if words}


def test_every_command_for_programmes_is_tested() -> None:
    assert set(PROGRAMME_COMMANDS) == {words[1] for words in COMMANDS if words[:1] == ("programme",) and words[1:]}


def test_no_command_shows_the_help_and_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("usage: loyaltill ")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (["nope"], "invalid choice: 'nope'"),
        (["till"], "the following arguments are required: ACTION"),
        (["till", "walk"], "invalid choice: 'walk'"),
        (["replay"], "the following arguments are required: --receipts"),
        (["replay", "--receipt", "x.csv"], "--receipts"),
        (["demo", "--language", "fr"], "invalid choice: 'fr'"),
        (["till", "pair"], "the following arguments are required: CODE"),
        (["--verbose", "doctor"], "unrecognized arguments: --verbose"),
    ],
)
def test_a_word_that_is_none_is_named(given: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert fault in capsys.readouterr().err


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"loyaltill (\d+\.\d+\.\d+\S*|\(not installed\))\n", capsys.readouterr().out)


def test_the_command_starts_without_loading_what_it_does_not_need(tmp_path: Path) -> None:
    heavy = ("sqlalchemy", "alembic", "PIL", "fastapi", "escpos")
    script = f"import sys, cli.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_terminal_that_lacks_letters_gets_question_marks(tmp_path: Path) -> None:
    odd = tmp_path / "կոնֆիգ.toml"
    done = run_it("doctor", "--config", odd, cwd=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="cp1251")
    assert done.returncode == 2
    assert "??????.toml: there is no such file" in done.stderr


def test_output_into_a_pipe_that_closes_is_no_traceback(tmp_path: Path) -> None:
    process = start("doctor", "--config", write_config(tmp_path), cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) in {0, 1}
    assert process.stderr is not None
    with process.stderr as errors:
        assert errors.read() == ""
