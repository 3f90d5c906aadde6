"""What `loyaltill devices watch` shows: scans as they come, masked, and states as they change."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from agent.config.scanners import ScannerConfig, ScannerMode
from agent.config.values import TillConfig
from agent.masking import masked
from agent.ports import system_clock
from agent.scanning import gate_of, settings_of
from agent.sources import make_source
from cli.devices.asking import Asking
from cli.failures import usage
from drivers.scanners.decoding.classify import classify
from drivers.scanners.gate import GateRefusal
from drivers.scanners.supervisor import Device, Supervisor
from drivers.scanners.symbols import Symbol

_WAIT_MS = 250
"""How often the running till is asked how its scanners are; scans come at once."""
_LOOK_S = 0.1


def choose(scanners: Sequence[ScannerConfig], name: str) -> list[ScannerConfig]:
    """Give the named scanner, or all that are the agent's; ends the command where there is none."""
    if name:
        chosen = [scanner for scanner in scanners if scanner.name == name]
        known = ", ".join(scanner.name for scanner in scanners) or "none"
        return chosen or usage(f"--device: there is no [[scanner]] called {name}; known are: {known}")
    chosen = [scanner for scanner in scanners if scanner.mode is not ScannerMode.HOST]
    return chosen or usage("no [[scanner]] is the agent's; add what `loyaltill devices` prints, or name one: --device")


def ask_agent(config: TillConfig, name: str, *, as_json: bool) -> None:
    """Show what the running agent's scanners read, from now on."""
    with Asking(config) as agent:
        after = int(agent.get("/v1/devices/scans?wait_ms=0")["last"])
        known: dict[str, str] = {}
        misread: dict[str, int] = {}
        while True:
            for told in agent.get("/v1/devices")["scanners"]:
                if name in {"", told["name"]}:
                    _show_state(known, told["name"], told["state"], told["detail"], as_json=as_json)
                    count, why = told.get("misread", 0), told.get("misreading", "")
                    _show_misread(misread, told["name"], count, why, as_json=as_json)
            said = agent.get(f"/v1/devices/scans?after={after}&wait_ms={_WAIT_MS}", wait_s=_WAIT_MS / 1000 + 10)
            after = int(said["last"])
            for scan in said["events"]:
                if name in {"", scan["device"]}:
                    _show({key: value for key, value in scan.items() if key != "number"}, as_json=as_json)


def read_ourselves(
    config: TillConfig, chosen: Sequence[ScannerConfig], *, as_json: bool, ended: threading.Event | None = None
) -> None:
    """Open the scanners and show what they read, until Ctrl-C."""
    ended = ended or threading.Event()
    supervisor = Supervisor()
    supervisor.apply(_device(config, scanner, partial(_show, as_json=as_json)) for scanner in chosen)
    known: dict[str, str] = {}
    misread = {scanner.name: 0 for scanner in chosen}
    try:
        while not ended.wait(_LOOK_S):
            for status in supervisor.statuses():
                reader = status.reader
                _show_state(known, status.name, reader.state.value, reader.detail, as_json=as_json)
                why = "" if reader.misreading is None else reader.misreading.value
                _show_misread(misread, status.name, reader.misread, why, as_json=as_json)
    finally:
        supervisor.stop()


def _device(config: TillConfig, scanner: ScannerConfig, show: Callable[[dict[str, Any]], None]) -> Device:
    gate, decoding = replace(gate_of(scanner), ranges=config.cards.ranges), config.decoding

    def scanned(outcome: Symbol | GateRefusal) -> None:
        show(masked(scanner.name, outcome, lambda symbol: classify(symbol, decoding, gate.kind), system_clock()))

    return Device(
        name=scanner.name,
        key=scanner,
        make_source=partial(make_source, scanner),
        gate=gate,
        on_scan=scanned,
        settings=settings_of(scanner),
    )


def _show_state(known: dict[str, str], name: str, state: str, detail: str, *, as_json: bool) -> None:
    """Print a state when it is another than before; one that does not last is not worth a line."""
    if state in {known.get(name), "opening"}:
        return
    known[name] = state
    if as_json:
        print(json.dumps({"device": name, "state": state, "detail": detail}), flush=True)
    else:
        print(f"{name}: {state}" + (f" ({detail})" if detail else ""), flush=True)


def _show_misread(known: dict[str, int], name: str, count: int, why: str, *, as_json: bool) -> None:
    """Print why something was not read, when there is more of it than before; what was before the command is not told."""
    before, known[name] = known.get(name, count), count
    if count <= before:
        return
    if as_json:
        print(json.dumps({"device": name, "misread": count - before, "misreading": why}), flush=True)
    else:
        words = why.replace("_", " ")
        said = f"not read ({words})" if count - before == 1 else f"{count - before} not read, the last: {words}"
        print(f"{name}: {said}", flush=True)


def _show(scan: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(scan), flush=True)
        return
    what = scan["kind"].replace("_", " ") + (f" ...{scan['last']}" if scan.get("last") else "")
    what += f" ({scan['reason'].replace('_', ' ')})" if scan.get("reason") else ""
    symbology = f", {scan['symbology']}" if scan.get("symbology") else ""
    print(f"{scan['device']}: {what}, {scan['length']} characters{symbology}", flush=True)
