"""The till and the HQ of a replay: put together in one folder, paired, and torn down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.keys import TillKeys
from agent.pairing import pair
from agent.till.till import KEYS, Till
from cli.replay.seeded import ReplayClock, SeededMint, seeded_key
from drivers.scanners.cards import CardRange
from hq.config import HqConfig
from hq.server import Hq, ServerThread, open_hq
from sync.links.http import HttpLink

CARD_PREFIX = "RC"
_CARDS = CardRange(prefix=CARD_PREFIX, min_length=3, max_length=64)
_HASHED_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a replay runs on."""

    till: Till
    hq: Hq
    link: HttpLink
    mint: SeededMint
    clock: ReplayClock


@contextmanager
def open_parts(folder: Path, programme: Path, seed: bytes, zone: ZoneInfo) -> Iterator[Parts]:
    """Open a till and an HQ in ``folder``, as they were left there, and pair them."""
    mint, clock = SeededMint(seed), ReplayClock()
    config = TillConfig(
        data_dir=folder / "till",
        store=StoreConfig(id="replay", name="Replay", zone=zone),
        programme_file=programme,
        name="replay till",
        cards=CardsConfig(ranges=(_CARDS,)),
    )
    keys = TillKeys(
        config.data_dir / KEYS,
        terminal_seed=seeded_key(seed, b"terminal"),
        identifier_key=seeded_key(seed, b"identifiers"),
    )
    hq_config = HqConfig(data_dir=folder / "hq", port=0, merchant="Replay")
    with (
        open_hq(hq_config) as hq,
        ServerThread(hq) as server,
        Till(config, keys=keys, clock=clock, mint=mint) as till,
    ):
        if keys.token is None:
            pair(till.context, server.url, hq.make_pairing_code())
        with HttpLink(server.url, keys.token or "") as link:
            yield Parts(till=till, hq=hq, link=link, mint=mint, clock=clock)


def card_of(customer: str) -> str:
    """Give a customer of the file a card number: the file's own digits, or digits from its hash."""
    if customer.isascii() and customer.isdigit() and len(customer) <= _HASHED_DIGITS - 2:
        return CARD_PREFIX + customer
    digest = int.from_bytes(sha256(customer.encode()).digest()[:8], "big")
    return CARD_PREFIX + str(digest).rjust(_HASHED_DIGITS, "0")
