"""Two tills and one HQ, all real: what was sold apart agrees once they have talked, whatever the line did."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import CommitRequest, QuoteRequest, ReturnRequest, VoidRequest
from agent.till.till import Till
from cli.default_programme import default_programme
from drivers.scanners.cards import CardRange
from hq.config import HqConfig
from hq.server import Hq, ServerThread, open_hq
from loyalty.holding.balances import balances_digest
from loyalty.numbers.currency import Currency
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import LinkDown
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer

CARD, OTHER = "290000000001", "290000000002"
CARDS = [f"29000000001{number}" for number in range(7)]
RANGES = (CardRange(prefix="29", min_length=12, max_length=12),)


class Shop:
    """One HQ and tills beside it, in a folder."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.programme = folder / "programme.toml"
        self.programme.write_text(default_programme(Currency(code="KZT", scale=2)), encoding="utf-8")
        self.hq: Hq = stack.enter_context(open_hq(HqConfig(data_dir=folder / "hq", port=0)))
        self.server = stack.enter_context(ServerThread(self.hq))

    def till(self, name: str) -> Till:
        config = TillConfig(
            data_dir=self.folder / name,
            programme_file=self.programme,
            name=name,
            store=StoreConfig(id="s1", name="Shop", zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=RANGES),
        )
        return self.stack.enter_context(Till(config))

    def restore_hq(self, image: bytes | None = None) -> bytes:
        """Start HQ anew, on its book or on a backup of it; gives the book as it was. Tills need a new line."""
        self.server.stop()
        self.hq.close()
        book = self.folder / "hq" / "hq.sqlite3"
        before = book.read_bytes()
        if image is not None:
            book.write_bytes(image)
        self.hq = self.stack.enter_context(open_hq(HqConfig(data_dir=self.folder / "hq", port=0)))
        self.server = self.stack.enter_context(ServerThread(self.hq))
        return before

    def line(self, till: Till) -> "Line":
        return Line(self.stack.enter_context(HttpLink(self.server.url, till.context.keys.token or "")))

    def pair(self, till: Till) -> "Line":
        pair(till.context, self.server.url, self.hq.make_pairing_code())
        return self.line(till)

    def balance(self, card: str) -> int:
        held = self.hq.member_balance(card)
        return held.of("points") if held is not None else 0


class Line:
    """The way to HQ, cut where a test says so: before a request arrives, or before its answer does."""

    def __init__(self, link: HttpLink, rng: Random | None = None) -> None:
        self._link = link
        self.rng = rng

    def hello(self, hello: Hello) -> HelloAnswer:
        self._cut()
        answer = self._link.hello(hello)
        self._cut()
        return answer

    def upload(self, batch: Batch) -> Acknowledged:
        self._cut()
        answer = self._link.upload(batch)
        self._cut()
        return answer

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        self._cut()
        answer = self._link.hash_at(asked)
        self._cut()
        return answer

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        self._cut()
        opened = self._link.open_epoch(request)
        self._cut()
        return opened

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        self._cut()
        answer = self._link.leases(request)
        self._cut()
        return answer

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        self._cut()
        page = self._link.feed(after, epoch, wanted)
        self._cut()
        return page

    def _cut(self) -> None:
        if self.rng is not None and self.rng.random() < 0.3:
            raise LinkDown("cut by the test")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(tmp_path, stack)


def sell(till: Till, check: str, card: str | None, amount_minor: int, quantity_milli: int = 1_000) -> str:
    line = BasketLine(line=1, item="1", quantity_milli=quantity_milli, amount_minor=amount_minor)
    sale = QuoteRequest(currency="KZT", lines=(line,), card=card)
    recorded = till.commit(CommitRequest(key=check, check_id=check, sale=sale))
    assert recorded.refused is None
    return str(recorded.values["entry"])


def give_back(till: Till, check: str, entry: str, quantity_milli: int) -> None:
    request = ReturnRequest(key=check, check_id=check, currency="KZT", sale=entry, lines=((1, quantity_milli),))
    assert till.return_goods(request).refused is None


def points(till: Till, card: str) -> int:
    return (till.member_balances(card) or {}).get("points", 0)


def test_one_card_enrolled_at_two_tills_offline_becomes_one_member_everywhere(shop: Shop) -> None:
    one, two = shop.till("one"), shop.till("two")
    first = sell(one, "a", CARD, 10_000)
    second = sell(two, "b", CARD, 7_000)
    lines = {till: shop.pair(till) for till in (one, two)}

    for till in (one, two, one, two):
        assert synchronise(till.context, lines[till]).mode is SyncMode.ONLINE

    assert (points(one, CARD), points(two, CARD), shop.balance(CARD)) == (170, 170, 170)
    assert shop.hq.totals().members == 1

    give_back(two, "c", second, 500)
    give_back(one, "d", first, 250)
    assert (points(one, CARD), points(two, CARD)) == (145, 135)
    for till in (one, two, one, two):
        synchronise(till.context, lines[till])

    assert (points(one, CARD), points(two, CARD), shop.balance(CARD)) == (110, 110, 110)


def test_an_unpaired_till_uploads_the_very_journal_that_it_wrote_before(shop: Shop) -> None:
    till = shop.till("one")
    for number in range(1_203):
        sell(till, f"c{number}", CARD if number % 3 else None, 1_000 + number)
    before = till.context.book.head

    outcome = synchronise(till.context, shop.pair(till))

    assert (outcome.mode, outcome.sent) == (SyncMode.ONLINE, before.sequence)
    assert till.context.book.head == before
    assert shop.hq.overview.head_of(before.terminal, before.epoch) == before.hash
    assert till.balances_digest() == shop.hq.overview.balances_digest()
    assert till.unshown() == 0


def test_whatever_the_line_does_the_balances_agree_in_the_end(shop: Shop, seed: int) -> None:
    rng = Random(seed)
    tills = [shop.till(name) for name in ("one", "two")]
    lines = [shop.pair(till) for till in tills]
    sold: list[tuple[int, str]] = []
    for number in range(120):
        place = rng.randrange(2)
        till, line = tills[place], lines[place]
        match rng.randrange(4):
            case 0 if sold:
                owner, entry = sold.pop(rng.randrange(len(sold)))
                tills[owner].void(VoidRequest(key=f"v{number}", sale=entry))
            case 1:
                line.rng = rng
                synchronise(till.context, line)
                line.rng = None
            case _:
                entry = sell(till, f"s{number}", rng.choice((CARD, OTHER, None)), rng.randrange(100, 50_000))
                sold.append((place, entry))
    for place in (0, 1, 0, 1):
        assert synchronise(tills[place].context, lines[place]).mode is SyncMode.ONLINE

    digests = {tills[0].balances_digest(), tills[1].balances_digest(), shop.hq.overview.balances_digest()}
    assert len(digests) == 1
    assert shop.hq.totals().entries == sum(till.context.book.head.sequence for till in tills)
    assert shop.hq.totals().parked == 0


@pytest.mark.parametrize("sold_since", ["", "c", "cd", "cdefg"])
def test_a_restored_disk_goes_on_in_a_new_epoch_and_loses_nothing_and_a_person_hears_once(
    shop: Shop, sold_since: str
) -> None:
    till = shop.till("one")
    line = shop.pair(till)
    sell(till, "a", CARD, 10_000)
    folder = till.context.config.data_dir
    till.close()
    image = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    till = shop.stack.enter_context(Till(till.context.config))
    sell(till, "b", CARD, 20_000)
    synchronise(till.context, line)
    till.close()
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    for name, data in image.items():
        (folder / name).write_bytes(data)
    restored = shop.stack.enter_context(Till(till.context.config))
    for key in sold_since:
        sell(restored, key, CARD, 30_000)

    for _ in range(2):
        assert synchronise(restored.context, line).mode is SyncMode.ONLINE
        assert shop.hq.totals().exceptions == 1
    assert restored.context.book.head.epoch == 2
    assert points(restored, CARD) == shop.balance(CARD) == 300 + 300 * len(sold_since)


def test_an_hq_restored_from_a_backup_hides_nothing_from_a_till_that_was_ahead(shop: Shop) -> None:
    """After the backup both tills sell and hear of each other; then HQ's feed grows again past what they had heard."""
    tills = shop.till("one"), shop.till("two")
    for till in tills:
        shop.pair(till)
    backup = shop.restore_hq()
    for number, till in enumerate(tills):
        sell(till, "before", CARDS[number], 10_000)
    for till in (*tills, *tills):
        assert synchronise(till.context, shop.line(till)).mode is SyncMode.ONLINE
    shop.restore_hq(backup)
    for check in range(5):
        sell(tills[1], f"since-{check}", CARDS[2 + check], 10_000)
    for till in (tills[1], tills[0], tills[1]):
        assert synchronise(till.context, shop.line(till)).mode is SyncMode.ONLINE
    for till in tills:
        assert [points(till, card) for card in CARDS] == [shop.balance(card) for card in CARDS] == [100] * 7
    assert shop.hq.totals().exceptions == 1


def test_a_tills_own_journal_adds_up_to_hqs_balances_without_hqs_help(shop: Shop) -> None:
    till = shop.till("one")
    sold = sell(till, "a", CARD, 10_000)
    sell(till, "b", OTHER, 2_500)
    give_back(till, "c", sold, 300)
    line = shop.pair(till)
    synchronise(till.context, line)

    own = till.journal_balances()

    assert sorted(amount for _, _, amount in own) == [25, 70]
    assert balances_digest(own) == shop.hq.overview.balances_digest()
