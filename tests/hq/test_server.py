"""HQ as a whole: opened, served, stopped."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from hq.config import HqConfig
from hq.errors import BookUnusable, PortBusy
from hq.server import ServerThread, address, bind, open_hq, serve
from tests.hq.houses import House

ROOT = Path(__file__).parents[2]


def test_a_port_that_is_taken_is_said_in_one_sentence(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=rf"HQ cannot listen on 127.0.0.1 port {port}: .*; set another \[hq\] port"):
            ServerThread(house.hq, port=port)
        house.hq.config = replace(house.hq.config, port=port)
        with pytest.raises(PortBusy):
            serve(house.hq)


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(PortBusy, match="HQ cannot listen on"):
        bind("192.0.2.1", 0)


def test_a_server_in_a_thread_knows_its_port_and_stops(house: House) -> None:
    server = ServerThread(house.hq, port=0)
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert requests.get(server.url + "/health", timeout=10).status_code == 200
    server.stop()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url + "/health", timeout=10)


def test_a_stopped_server_can_be_started_again_on_its_port(house: House) -> None:
    with ServerThread(house.hq, port=0) as first:
        port = first.port
    with ServerThread(house.hq, port=port) as second:
        assert requests.get(second.url + "/health", timeout=10).ok


def test_a_link_leads_to_where_hq_is_reached(build: Callable[..., House], tmp_path: Path) -> None:
    house = build(public_url="https://hq.example")
    assert house.hq.make_login_link().startswith("https://hq.example/sign-in?link=")
    assert house.hq.make_login_link("http://127.0.0.1:1").startswith("http://127.0.0.1:1/sign-in?link=")
    other = build(data_dir=tmp_path / "other", port=8123)
    assert other.hq.make_login_link().startswith("http://127.0.0.1:8123/sign-in?link=")
    assert address("::1", 80) == "http://[::1]:80"


def test_cookies_are_for_tls_only_where_hq_is_reached_by_it(build: Callable[..., House]) -> None:
    house = build(public_url="https://hq.example")
    with ServerThread(house.hq) as server:
        link = {"link": house.hq.make_login_link(server.url)}
        answer = requests.post(f"{server.url}/sign-in", data=link, timeout=10, allow_redirects=False)
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_a_database_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://hq:hunter2@127.0.0.1:1/hq?connect_timeout=2"
    with pytest.raises(BookUnusable) as caught:
        open_hq(HqConfig(data_dir=tmp_path, database_url=url))
    assert "does not answer" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_repeatable_hq_makes_the_same_keys(build: Callable[..., House], tmp_path: Path) -> None:
    first = open_hq(HqConfig(data_dir=tmp_path / "a"), randomness=lambda count: b"\x07" * count)
    second = open_hq(HqConfig(data_dir=tmp_path / "b"), randomness=lambda count: b"\x07" * count)
    try:
        assert first.hq_epoch == second.hq_epoch
        assert first.overview.identifier_key == second.overview.identifier_key
    finally:
        first.close()
        second.close()


def test_hq_is_served_until_interrupted_and_leaves_the_book_free(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from hq.config import HqConfig; from hq.server import open_hq, serve\n"
        "with open_hq(HqConfig(data_dir=Path(sys.argv[1]), port=0)) as hq:\n"
        "    try: serve(hq, on_start=lambda url: print(url, flush=True))\n"
        "    except KeyboardInterrupt: pass\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    with process:
        url = process.stdout.readline().strip()
        assert requests.get(url + "/health", timeout=10).ok
        process.terminate()
        started = time.monotonic()
        process.wait(timeout=20)
    assert time.monotonic() - started < 15
    open_hq(HqConfig(data_dir=tmp_path)).close()
