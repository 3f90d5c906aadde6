"""What a replay prints, and what it takes to run one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.locks import held
from cli.main import main
from tests.cli.commands import environment, run_it, write_receipts

MEMORY = """\
import json, sys, psutil
from cli.main import main
status = main(sys.argv[1:])
info = psutil.Process().memory_info()
peak = getattr(info, "peak_wset", None)
if peak is None:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(peak, file=sys.stderr)
sys.exit(status)
"""
MOST_MORE_BYTES = 12 * 2**20
"""A run over ten times the receipts may take this much more: caches that fill, not what grows with the file."""


def test_json_is_one_line_on_standard_output_when_errors_go_into_a_pipe(tmp_path: Path) -> None:
    done = run_it("replay", "--json", "--receipts", write_receipts(tmp_path), cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    outcome = json.loads(done.stdout)
    assert outcome["agree"] is True
    assert isinstance(outcome["seconds"], float)
    report = next((tmp_path / "replay-data").glob("run-*/report.csv"))
    assert done.stderr == f"rows that were not used are listed in {report.relative_to(tmp_path)}\n"


def test_a_file_with_a_header_only_is_a_replay_of_nothing_that_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = write_receipts(tmp_path)
    receipts.write_text(receipts.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert main(["replay", "--json", "--receipts", str(receipts), "--work-dir", str(tmp_path / "work")]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["agree"], outcome["receipts"], outcome["entries_till"], outcome["entries_hq"]) == (True, 0, 0, 0)


def test_a_second_replay_in_one_folder_is_told_so_and_hurts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work"
    words = ["replay", "--json", "--receipts", str(write_receipts(tmp_path)), "--work-dir", str(work)]
    work.mkdir()
    with held(work / "replay.lock", ""):
        assert main(words) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"loyaltill: another replay is running in {work}; wait for it, or give --work-dir another\n",
    )
    assert [path.name for path in work.iterdir()] == ["replay.lock"]
    assert main(words) == 0


def test_people_get_the_figures_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    receipts = write_receipts(tmp_path)
    assert main(["replay", "--receipts", str(receipts), "--work-dir", str(tmp_path / "work")]) == 0
    said = capsys.readouterr().out
    assert "points outstanding: till " in said
    assert "till and HQ agree (" in said


def test_a_run_that_was_being_removed_when_it_was_killed_is_no_run_to_go_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["replay", "--json", "--receipts", str(write_receipts(tmp_path)), "--work-dir", str(tmp_path / "work")]
    assert main(words) == 0
    first = json.loads(capsys.readouterr().out)
    run = next((tmp_path / "work").glob("run-*"))
    run.rename(run.with_name(f"{run.name}.old"))
    (run.with_name(f"{run.name}.old") / "till" / "till.db").unlink()
    assert main(words) == 0
    assert {**json.loads(capsys.readouterr().out), "seconds": 0} == {**first, "seconds": 0}
    assert [path.name for path in (tmp_path / "work").glob("run-*")] == [run.name]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = (peak(tmp_path / name, receipts) for name, receipts in (("small", 300), ("large", 3_000)))
    assert large - small < MOST_MORE_BYTES, f"{small:,} bytes became {large:,}"


def peak(folder: Path, receipts: int) -> int:
    """The most memory that a replay of so many receipts took."""
    folder.mkdir()
    words = ["replay", "--json", "--receipts", str(write_receipts(folder, receipts=receipts, members=50))]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stderr.splitlines()[-1])
