"""What every run begins with: settings, and the disks of an HQ and of tills, made once for each process and copied.

Making a book takes a tenth of a second, copying it a millisecond. The keys of the tills are the same in every run; ids and
everything else follow from the seed.
"""

import json
import tempfile
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.book.book import FILE
from agent.book.sync_state import BookFeed
from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.keys import TillKeys
from agent.pairing import adopt_identifier_key
from agent.till.till import KEYS, Till
from cli.simulation.audit.disks import DiskAudit, Known
from cli.simulation.audit.journals import JournalView
from cli.simulation.chance import Chance
from cli.simulation.clocks import START, WorldClock
from cli.simulation.network import Network, SimLink
from cli.simulation.serving import Answer, answer
from cli.simulation.sharing import share
from drivers.scanners.cards import CardRange
from hq.config import HqConfig
from hq.programmes.values import When
from hq.server import Hq, open_hq
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from sync.download import download
from sync.protocol import wire
from sync.protocol.values import PairRequest

MOST_TILLS = 5
SPARE_TILLS = 3
"""New machines that take the place of lost ones; they are paired during the run."""
PROGRAMME_FILE = Path(__file__).with_name("programme.toml")
PROGRAMME = PROGRAMME_FILE.read_text(encoding="utf-8")
CARD_PREFIX = "29"
CURRENCY = "KZT"
_ZONE = ZoneInfo("Asia/Almaty")
_CARDS = CardsConfig(ranges=(CardRange(prefix=CARD_PREFIX, min_length=13, max_length=13),))
_MEMORY = Path("/dev/shm")  # noqa: S108  # files in memory where a system has them


def scratch_folder() -> Path:
    """Make a new folder for simulated disks, in memory where possible."""
    base = _MEMORY if _MEMORY.is_dir() else None
    return Path(tempfile.mkdtemp(prefix="loyaltill-sim-", dir=base))


def till_config(disk: Path, number: int) -> TillConfig:
    """Give the settings of a till; two tills stand in each store."""
    store = f"s{number // 2 + 1}"
    return TillConfig(
        data_dir=disk,
        store=StoreConfig(id=store, name=store, zone=_ZONE),
        programme_file=PROGRAMME_FILE,
        name=f"till {number}",
        cards=_CARDS,
    )


def hq_config(disk: Path, write_off_after_days: int | None = None) -> HqConfig:
    """Give HQ's settings; without a number of days nothing is written off but by a person."""
    return HqConfig(data_dir=disk, port=0, merchant="Simulated", write_off_after_days=write_off_after_days)


class Templates:
    """The disks that runs copy: ``hq``, and ``till-N`` for the first tills and the spare ones.

    Attributes:
        programme: What is in force in all of them.
    """

    def __init__(self, folder: Path) -> None:
        """Make them; takes about half a second."""
        self.folder = folder
        self.programme = read_programme(PROGRAMME, PROGRAMME_FILE.name)
        self._known: dict[int, Known] = {}
        share()
        clock, chance = WorldClock(), Chance(0, "templates")
        with open_hq(hq_config(folder / "hq"), clock=clock, randomness=chance.take) as hq:
            hq.programmes.publish(PROGRAMME, "simulated", When(effective=START))
            for number in range(MOST_TILLS + SPARE_TILLS):
                self._make_till(hq, number, clock, chance, paired=number < MOST_TILLS)

    def known(self, number: int) -> Known:
        """Give what a till's disk was told; nothing, where it is not paired yet."""
        return self._known[number].copy() if number in self._known else Known()

    def _make_till(self, hq: Hq, number: int, clock: WorldClock, chance: Chance, *, paired: bool) -> None:
        disk = self.folder / f"till-{number}"
        keys = TillKeys(disk / KEYS, terminal_seed=_key("terminal", number), identifier_key=_key("identifiers", number))
        with Till(till_config(disk, number), keys=keys, clock=clock, mint=lambda: chance.take(16)) as till:
            if paired:
                pair(till, hq)
                self._known[number] = _first_feed(till, hq, clock, disk / FILE, self.programme)


class _Quiet:
    """HQ, and a network in which nothing happens; it keeps the pages that the till was told."""

    def __init__(self, hq: Hq) -> None:
        self.pages: list[dict[str, Any]] = []
        self._hq = hq

    def serve(self, token: str, what: str, body: bytes) -> Answer:
        """Answer as HQ."""
        return answer(self._hq, token, what, body)

    def message(self, number: int, what: str, fate: str) -> None:
        """Nobody looks."""

    def sending(self, number: int, what: str, body: bytes) -> None:
        """Nobody looks."""

    def told(self, number: int, what: str, answer: bytes) -> None:  # noqa: ARG002  # all of it is the feed
        """Keep a page."""
        self.pages.append(json.loads(answer))


def _first_feed(till: Till, hq: Hq, clock: WorldClock, book: Path, programme: Programme) -> Known:
    """Tell a till everything from the feed's beginning; gives what the auditor is to know of it."""
    context, quiet = till.context, _Quiet(hq)
    assert context.keys.token is not None
    link = SimLink(Network(quiet, quiet, Chance(0, "quiet")), quiet, 0, context.keys.token)
    with closing(JournalView(book)) as view:
        audit = DiskAudit(Known(), view, programme)
        download(BookFeed(context.book, clock, context.config.store.id), link, files=link)
        context.shelf.refresh()
        for page in quiet.pages:
            audit.told(page)
        audit.settle()
    return audit.known


def pair(till: Till, hq: Hq) -> None:
    """Pair a till with HQ, over the bytes of the protocol."""
    code, keys = hq.make_pairing_code(), till.context.keys
    proof = keys.sign(wire.pairing_proof_bytes(code, keys.public_key))
    store, name = till.context.config.store.id, till.context.config.name
    asked = wire.encode_pair_request(
        PairRequest(code=code, public_key=keys.public_key, proof=proof, store=store, name=name)
    )
    answered = wire.encode_pair_answer(hq.pairing.pair(wire.decode_pair_request(asked)))
    answer = wire.decode_pair_answer(answered)
    adopt_identifier_key(till.context, answer.identifier_key)
    keys.keep_token(answer.token)


def _key(purpose: str, number: int) -> bytes:
    return blake2b(f"{purpose} {number}".encode(), digest_size=32, person=b"loyaltill-sim").digest()
