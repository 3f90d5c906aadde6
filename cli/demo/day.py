"""A day at the demo's till: each receipt as a cashier and a POS program would take it through.

The member's card is scanned by a simulated scanner, the scan comes back as an event, the basket is quoted, and the
sale is committed with its quote. Printing and sync go on meanwhile, in their own threads.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from agent.terminal import Terminal
from agent.till.answers import Recorded
from agent.till.requests import CommitRequest, Provenance, QuoteRequest
from cli.demo.shop import demo_card
from cli.failures import CommandFailed
from cli.replay.operations import key_of, parked_request, return_request, sale_request
from drivers.scanners.sources.simulated import SimulatedSource
from hq.history.operations import Operation, Parked, Return, Sale

_SCAN_WAIT_S = 5.0
_SAME_CARD_S = 0.4
"""A scanner that reads one card twice within 0.3 s reads it once; so the same member is scanned a little later."""


class DemoDay:
    """Runs operations through a terminal, one after another.

    Attributes:
        last_card: The last card that was scanned.
        last_sequence: The journal's entry of the last sale with a member.
        refused: What the till refused, by code.
    """

    def __init__(
        self, terminal: Terminal, scanner: SimulatedSource, currency: str, park: Callable[[Return], Parked]
    ) -> None:
        """Make it.

        Args:
            terminal: Started.
            scanner: The terminal's own.
            currency: ISO 4217, what the receipts count in.
            park: What becomes of a return whose sale the till refused, as `hq.history.plan.Plan.park`.
        """
        self._terminal = terminal
        self._park = park
        self._scanner = scanner
        self._currency = currency
        self._scanned_at = 0.0
        self.last_card: str | None = None
        self.last_sequence: int | None = None
        self.refused: Counter[str] = Counter()

    def take(self, operation: Operation) -> None:
        """Take one receipt, return or unmatched return through the till."""
        recorded = self._record(operation)
        if recorded.refused is not None:
            self.refused[recorded.refused] += 1
        elif isinstance(operation, Sale) and operation.customer is not None:
            self.last_sequence = int(recorded.values["sequence"])
        self._terminal.nudge()

    def _record(self, operation: Operation) -> Recorded:
        till, said = self._terminal.till, Provenance(host="demo", operator="1", happened_at=operation.local_at)
        match operation:
            case Sale():
                return till.commit(self._sale(operation, said))
            case Return():
                sold = till.answered(key_of(operation.original_index))
                entry = str(sold.values.get("entry", "")) if sold is not None and sold.refused is None else ""
                if not entry:
                    return self._record(self._park(operation))
                back = return_request(operation, self._currency, entry)
                return till.return_goods(replace(back, provenance=said))
            case Parked():
                parked = parked_request(operation, self._currency)
                return till.return_goods(replace(parked, card=demo_card(operation.customer), provenance=said))

    def _sale(self, sale: Sale, said: Provenance) -> CommitRequest:
        request = sale_request(sale, self._currency)
        card = self._scan(demo_card(sale.customer)) if sale.customer is not None else None
        basket: QuoteRequest = replace(request.sale, card=card, provenance=said)
        quoted = self._terminal.till.quote(basket)
        return replace(request, sale=basket, quote=quoted.get("quote"))

    def _scan(self, card: str) -> str:
        """Scan a card and give the number that the event told."""
        if card == self.last_card:
            time.sleep(max(0.0, _SAME_CARD_S - (time.monotonic() - self._scanned_at)))
        heard = self._terminal.events.last
        self._scanner.scan(card)
        deadline = time.monotonic() + _SCAN_WAIT_S
        while time.monotonic() < deadline:
            for event in self._terminal.events.after(heard):
                if "card" in event.body:
                    self.last_card, self._scanned_at = card, time.monotonic()
                    return str(event.body["card"])
                if "refused" in event.body:
                    raise CommandFailed(f"the till refused a card of the receipts: {event.body['refused']}")
            time.sleep(0.002)
        raise CommandFailed("the simulated scanner's scan did not come back from the till")
