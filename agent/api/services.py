"""What the local API is made of: the till, and what runs beside it, as far as a host or a person may know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.customer_display import CustomerDisplay
from agent.devices import Devices
from agent.events import Events
from agent.sync_worker import SyncMode
from agent.till.till import Till

if TYPE_CHECKING:
    from agent.printers import Printing


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The parts that the API asks.

    Attributes:
        till: The use cases.
        events: What the agent's own scanners read.
        token: What a POS program shows as its bearer token.
        sync_mode: Tells how the till and HQ stand to each other.
        clock_ahead_s: Tells by how many seconds the till's clock went before HQ's when HQ was last heard of; None before.
        printing: The agent's own printers; None where the host prints.
        display: What customers read during a sale; None where there is none.
        devices: The scanners that the agent reads.
        pair: Pairs with HQ by a code and gives the merchant's name; raises `LinkDown` or `SyncRefused`.
        changed: Called after every change, from any thread.
    """

    till: Till
    events: Events
    token: str
    sync_mode: Callable[[], SyncMode]
    clock_ahead_s: Callable[[], int | None]
    printing: "Printing | None"
    display: CustomerDisplay | None
    devices: Devices
    pair: Callable[[str], str]
    changed: Callable[[], None]
