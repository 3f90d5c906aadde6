"""The till's page for the shop: how it is, what waits, and the last receipts, in the store's language."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from agent.api.guard import COOKIE, Inline
from agent.api.services import Services
from agent.api.status import state_of_till
from agent.book import journal
from agent.book.journal import Stored
from agent.book.print_jobs import REPORT
from agent.config.receipts import OwnPaper
from agent.errors import AgentError
from agent.receipts.finding import receipt_of
from agent.sync_worker import SyncMode
from agent.till.context import Context
from drivers.printers.condition import Trouble
from drivers.printers.layout import lay_out
from drivers.printers.text_preview import preview_text
from loyalty.explain import Names
from loyalty.journal.codec import decode_detail

MOST_RECEIPTS = 10
_ONWARDS = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>…</title><a href="/">→</a>'
_LOG = logging.getLogger(__name__)
_MODES = {
    SyncMode.UNPAIRED: "till.status_unpaired",
    SyncMode.ONLINE: "till.status_paired",
    SyncMode.OFFLINE: "till.status_offline",
    SyncMode.REFUSED: "till.status_refused",
    SyncMode.FORKED: "till.status_forked",
    SyncMode.FAULT: "till.status_fault",
}


_TROUBLES = {
    Trouble.UNREACHABLE: "till.printer_fault",
    Trouble.BUSY: "till.printer_busy",
    Trouble.PAPER_OUT: "till.printer_paper_out",
    Trouble.COVER_OPEN: "till.printer_cover_open",
    Trouble.CUTTER: "till.printer_cutter",
    Trouble.FAILED: "till.printer_failed",
    Trouble.OFFLINE: "till.printer_offline",
    Trouble.PAPER_NEAR_END: "till.printer_paper_near_end",
    Trouble.DRAWER_OPEN: "till.printer_drawer_open",
}


_PAPERS = {
    OwnPaper.COUPON.value: "receipt.coupon_title",
    OwnPaper.GIFT_CARD.value: "receipt.gift_card_title",
    OwnPaper.INVITATION.value: "receipt.invitation_title",
    REPORT: "receipt.shift_title",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One receipt on the page."""

    entry: str
    number: int
    at: datetime
    text: str
    language: str


class Page:
    """Shows the page."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._unreadable: set[int] = set()

    async def show(self, request: Request) -> Response:
        """The page; a link with the key first becomes a cookie, so that the key leaves the address bar.

        Not by a redirect: a browser that follows a link from a mail sends no strict cookie along with that. A page that
        goes on by itself is this server's own request.
        """
        key = request.query_params.get("key")
        if key is not None:
            response = HTMLResponse(_ONWARDS)
            response.set_cookie(COOKIE, key, httponly=True, samesite="strict", path="/")
            return response
        return HTMLResponse(await run_in_threadpool(self._render))

    def _render(self) -> str:
        context = self._services.till.context
        with context.book.read() as connection:
            state = state_of_till(self._services, connection)
            latest = journal.latest_receipts(connection, MOST_RECEIPTS)
        page = templates().get_template("till.html")
        shown: str = page.render(
            t=context.catalogue.text,
            catalogue=context.catalogue,
            store=context.config.store,
            till=context.config.name,
            style=inline().style,
            script=inline().script,
            words=json.dumps(_words(context), ensure_ascii=False),
            state=state,
            papers=_papers(context, state["printing"]),
            shift=_shift(context, latest),
            troubles={trouble.value: message for trouble, message in _TROUBLES.items()},
            mode=_MODES[SyncMode(state["mode"])],
            well=state["mode"] == SyncMode.ONLINE.value,
            receipts=[receipt for stored in latest if (receipt := self._receipt(stored)) is not None],
        )
        return shown

    def _receipt(self, stored: Stored) -> Shown | None:
        """Give one receipt; one that cannot be written does not take the page away."""
        try:
            return _shown(self._services.till.context, stored)
        except AgentError:
            raise
        except Exception:  # noqa: BLE001  # whatever is the matter with one entry
            if stored.sequence not in self._unreadable:
                _LOG.exception("the receipt of entry %d cannot be written", stored.sequence)
                self._unreadable.add(stored.sequence)
            return None


@lru_cache(maxsize=1)
def inline() -> Inline:
    """Give the style sheet and the script that the page carries inline."""
    shipped = files("agent.api").joinpath("templates")
    return Inline(
        style=shipped.joinpath("style.css").read_text(encoding="utf-8"),
        script="".join(shipped.joinpath(name).read_text(encoding="utf-8") for name in ("wedge.js", "paper.js")),
    )


@lru_cache(maxsize=1)
def templates() -> Any:
    """Give the templates of all pages; loaded when the first page is shown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=PackageLoader("agent.api", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["trusted"] = Markup
    return templates


def _papers(context: Context, printing: dict[str, Any] | None) -> list[str]:
    """Say how the papers beside the slips stand, one line for each of what is to be said."""
    say, papers = context.catalogue, printing["papers"] if printing is not None else {}
    return [
        say.text(f"till.paper_{state}", paper=say.text(name), number=say.number(papers[paper][state]))
        for paper, name in _PAPERS.items()
        for state in ("waiting", "unknown", "refused", "late")
        if paper in papers and papers[paper][state]
    ]


def _shift(context: Context, latest: Sequence[Stored]) -> str:
    """Give the host's name of the shift that now is: of today's last receipt; empty where there is none."""
    if not latest:
        return ""
    detail, today = decode_detail(latest[0].detail), context.clock().astimezone(context.config.store.zone).date()
    return (detail.shift or "") if detail.business_date == today.isoformat() else ""


def _words(context: Context) -> dict[str, Any]:
    """Give what the page's script writes about a scan, in the store's language."""
    say, programme = context.catalogue, context.shelf.at(context.clock())
    return {
        "balance": say.text("receipt.balance"),
        "fault": say.text("till.fault"),
        "new": say.text("till.card_new"),
        "tiers": {tier.id: _name(tier.names, say.language) for tier in programme.ladder.tiers},
        "units": {unit.id: {"name": _name(unit.names, say.language), "scale": unit.scale} for unit in programme.units},
    }


def _name(names: Names | None, language: str) -> str:
    return names.in_language(language) if names is not None else ""


def _shown(context: Context, stored: Stored) -> Shown | None:
    document = receipt_of(context, stored, copy=False)
    if document is None or stored.receipt_number is None:
        return None
    return Shown(
        entry=stored.entry_id.hex(),
        number=stored.receipt_number,
        at=datetime.fromisoformat(decode_detail(stored.detail).local_time),
        text=preview_text(lay_out(document, context.config.width_columns)),
        language=document.language,
    )
