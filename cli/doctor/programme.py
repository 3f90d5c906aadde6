"""The till's programmes: can its own file be read, what has HQ released for its store, and which currency counts."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from agent.book import programmes, releases
from agent.config.read import read_text
from agent.config.values import StoreConfig
from cli.doctor.book import read_from
from cli.doctor.findings import Finding, fail, ok, warn
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.programme.schedule import Release, in_order, last_begun
from loyalty.reading.problems import BadFile

ABOUT = "programme"
_UPDATE = "install the version of this program that HQ has, or a later one"
_SHORT = 12
_Plan = tuple[tuple[datetime, Release], ...]
_Sources = dict[str, str | None]


def check_programme(path: Path) -> list[Finding]:
    """Read a programme."""
    try:
        programme = read_programme(read_text(path), str(path))
    except BadFile as fault:
        return [fail(ABOUT, line, "mend the programme") for line in fault.lines()]
    says = (
        f'"{programme.id}" ({programme.label}) counts sales in {programme.currency.code} and refuses other currencies'
    )
    return [ok(ABOUT, f"{path} is valid: {says}")]


def check_releases(data_dir: Path, store: StoreConfig, now: datetime) -> list[Finding]:
    """Say what HQ released for the store, as far as this till has heard; nothing where it released nothing."""
    found = read_from(data_dir, lambda connection: _plan(connection, store))
    if not found:
        return []
    plan, sources = found
    said = []
    wanted = last_begun(plan, now)
    current = last_begun(plan, now, lambda version: _read(sources, version) is not None)
    if wanted is not None and wanted is not current:
        goes_on = f"version {current.version[:_SHORT]}" if current is not None else "the file of the settings"
        text = f"version {wanted.version[:_SHORT]} should count by now and cannot be read; {goes_on} goes on instead"
        said.append(fail(ABOUT, text, _UPDATE))
    elif current is not None:
        said.append(ok(ABOUT, f"HQ's {_named(sources, current)} counts in this store, and the file no more"))
    return said + [_coming(sources, begins, release, store) for begins, release in plan if begins > now]


def _coming(sources: _Sources, begins: datetime, release: Release, store: StoreConfig) -> Finding:
    at = begins.astimezone(store.zone).isoformat(sep=" ", timespec="minutes")
    if _read(sources, release.version) is None:
        text = f"version {release.version[:_SHORT]} begins {at} and cannot be read, so it will not count"
        return warn(ABOUT, text, _UPDATE)
    return ok(ABOUT, f"HQ's {_named(sources, release)} begins {at}")


def _plan(connection: Connection, store: StoreConfig) -> tuple[_Plan, _Sources] | None:
    plan = in_order(releases.every(connection), store.id, store.zone)
    sources = {release.version: programmes.find(connection, release.version) for _, release in plan}
    return (plan, sources) if plan else None


def _named(sources: _Sources, release: Release) -> str:
    programme = _read(sources, release.version)
    label = f" ({programme.label})" if programme is not None else ""
    return f'"{release.programme}"{label}, version {release.version[:_SHORT]},'


def _read(sources: _Sources, version: str) -> Programme | None:
    source = sources.get(version)
    try:
        return read_programme(source, version) if source is not None else None
    except BadFile:
        return None
