"""Pairing: the journal stays as it is, the cards are hashed anew, and a crash between any two steps is mended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent import pairing
from agent.book import members
from agent.errors import AgentError, BookFull
from agent.keys import TillKeys, identifier_key_id
from agent.sync_worker import synchronise
from agent.till.till import Till
from loyalty.cards import card_key
from loyalty.journal.chain import terminal_id
from sync.links.http import HttpLink
from sync.protocol import leases, wire
from sync.protocol.errors import HTTP_STATUS, LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.values import PairAnswer
from tests.agent.till.world import CARD, OTHER_CARD, goods, open_till, sale
from tests.sync.model import IDENTIFIER_KEY, HqModel

CODE = "7K2M-09QX"


class Hq(ThreadingHTTPServer):
    """A model of HQ behind a real port: one code, one token for each till."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.model = HqModel(page_rows=100, most_entries=100)
        self.codes = {CODE}
        self.tokens: dict[str, bytes] = {}
        self.token = "token-{}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, path: str, body: bytes, token: str) -> bytes:
        if path == "/v1/pair":
            return self.pair(body)
        terminal = self.tokens.get(token)
        if terminal is None:
            raise SyncRefused(SyncErrorCode.UNAUTHORIZED)
        if path == "/v1/sync/hello":
            return wire.encode_hello_answer(self.model.hello(wire.decode_hello(body)))
        if path == "/v1/sync/journal":
            return wire.encode_acknowledged(self.model.upload(wire.decode_batch(body)))
        if path == "/v1/sync/leases":
            return leases.encode_lease_answer(self.model.leases(leases.decode_lease_request(body)))
        assert path.startswith("/v1/sync/feed?"), path
        after, epoch = (int(part.rpartition("=")[2]) for part in path.split("&"))
        return wire.encode_feed_page(self.model.feed(after, terminal, epoch))

    def pair(self, body: bytes) -> bytes:
        request = wire.decode_pair_request(body)
        proof = wire.pairing_proof_bytes(request.code, request.public_key)
        Ed25519PublicKey.from_public_bytes(request.public_key).verify(request.proof, proof)
        if request.code not in self.codes:
            raise SyncRefused(SyncErrorCode.PAIRING_REFUSED)
        self.codes.remove(request.code)
        terminal = terminal_id(request.public_key)
        self.model.know(request.public_key)
        token = self.token.format(len(self.tokens))
        self.tokens[token] = terminal
        return wire.encode_pair_answer(
            PairAnswer(
                token=token, identifier_key=IDENTIFIER_KEY, hq_key=bytes(32), hq_epoch=self.model.epoch, merchant="M"
            )
        )


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Hq

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            status, answer = 200, self.server.answer(self.path, body, token)
        except SyncRefused as refused:
            status, answer = HTTP_STATUS[refused.code], wire.encode_refused(refused)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815  # the name is http.server's

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hq() -> Iterator[Hq]:
    made = Hq()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def journal_bytes(till: Till) -> list[tuple[Any, ...]]:
    with till.context.book.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM journal ORDER BY sequence")]


def card_keys(till: Till) -> set[int]:
    with till.context.book.read() as connection:
        return set(connection.exec_driver_sql("SELECT card_key FROM card").scalars())


def hashed(*cards: str) -> set[int]:
    return {card_key(card, IDENTIFIER_KEY) for card in cards}


def round_with(till: Till, hq: Hq) -> str:
    assert till.context.keys.token is not None
    with HttpLink(hq.url, till.context.keys.token) as link:
        return synchronise(till.context, link).mode.value


def test_an_unpaired_till_earns_and_its_journal_goes_up_unchanged_after_pairing(tmp_path: Path, hq: Hq) -> None:
    with open_till(tmp_path) as till:
        sold = till.commit(sale("k1")).values
        till.commit(sale("k2", card=OTHER_CARD))
        before = journal_bytes(till)
        answer = pairing.pair(till.context, hq.url, CODE)
        assert answer.identifier_key == IDENTIFIER_KEY
        assert journal_bytes(till) == before
        assert card_keys(till) == hashed(CARD, OTHER_CARD)
        assert till.identify(CARD)["member"] == sold["member"]
        assert round_with(till, hq) == "online"
        held = hq.model.held(till.context.keys.terminal)
        assert [(row[7], row[8]) for row in before] == [(entry.core, entry.detail) for entry in held.entries]
        assert till.member_balances(CARD) == {"points": 12}
        till.return_goods(goods("r", sold["entry"], (1, 1_000)))
        assert till.member_balances(CARD) == {"points": 0}


def test_a_paired_till_is_paired_after_a_restart(tmp_path: Path, hq: Hq) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k1"))
        pairing.pair(till.context, hq.url, CODE)
    with open_till(tmp_path) as till:
        assert till.context.keys.identifier_key == IDENTIFIER_KEY
        assert round_with(till, hq) == "online"
        till.commit(sale("k2"))
        assert till.member_balances(CARD) == {"points": 24}
        assert till.member_count() == 1


def test_a_code_works_once_and_a_refusal_changes_nothing(tmp_path: Path, hq: Hq) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k1"))
        key = till.context.keys.identifier_key
        with pytest.raises(SyncRefused) as raised:
            pairing.pair(till.context, hq.url, "WRONG")
        assert raised.value.code is SyncErrorCode.PAIRING_REFUSED
        with pytest.raises(LinkDown):
            pairing.pair(till.context, "http://127.0.0.1:1", CODE)
        assert (till.context.keys.token, till.context.keys.identifier_key) == (None, key)
        assert till.member_balances(CARD) == {"points": 12}


def test_pairing_again_with_the_same_hq_changes_only_the_token(tmp_path: Path, hq: Hq) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k1"))
        pairing.pair(till.context, hq.url, CODE)
        hq.codes.add("SECOND")
        pairing.pair(till.context, hq.url, "SECOND")
        assert till.context.keys.token == "token-1"
        assert round_with(till, hq) == "online"
        assert till.member_balances(CARD) == {"points": 12}


@pytest.mark.parametrize("token", ["with space", "line\nbreak", "ключ"])
def test_a_token_that_no_request_can_carry_is_refused_before_anything_changes(
    tmp_path: Path, hq: Hq, token: str
) -> None:
    hq.token = token
    with open_till(tmp_path) as till:
        key = till.context.keys.identifier_key
        with pytest.raises(SyncRefused):
            pairing.pair(till.context, hq.url, CODE)
        assert (till.context.keys.token, till.context.keys.identifier_key) == (None, key)


class Died(BaseException):
    """The process ended here."""


def die(*_: Any, **__: Any) -> Any:
    raise Died


STEPS = [
    ("before the key is staged", TillKeys, "stage_identifier_key"),
    ("before the book is hashed anew", members, "replace_cards"),
    ("after the book, before the key is settled", TillKeys, "settle_identifier_key"),
    ("before the token is kept", TillKeys, "keep_token"),
]


@pytest.mark.parametrize(("where", "name"), [step[1:] for step in STEPS], ids=[step[0] for step in STEPS])
def test_a_crash_between_two_steps_is_mended_by_the_next_start_and_another_pairing(
    tmp_path: Path, hq: Hq, where: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k1"))
        before = journal_bytes(till)
        with monkeypatch.context() as patch:
            patch.setattr(where, name, die)
            with pytest.raises(Died):
                pairing.pair(till.context, hq.url, CODE)
    with open_till(tmp_path) as till:
        assert till.context.keys.token is None
        assert journal_bytes(till) == before
        assert till.member_balances(CARD) == {"points": 12}
        till.commit(sale("k2"))
        assert (till.member_balances(CARD), till.member_count()) == ({"points": 24}, 1)
        assert not (till.context.keys.folder / "identifiers.staged").exists()
        hq.codes.add("SECOND")
        pairing.pair(till.context, hq.url, "SECOND")
        assert card_keys(till) == hashed(CARD)
        assert round_with(till, hq) == "online"
        assert (till.member_balances(CARD), till.member_count()) == ({"points": 24}, 1)


def test_a_full_disk_while_hashing_anew_leaves_the_old_hashes_and_the_old_key(tmp_path: Path, hq: Hq) -> None:
    with open_till(tmp_path) as till:
        for number in range(200):
            till.commit(sale(f"k{number}", card=f"2100{number:09d}"))
        with till.context.book.write() as writing:
            pages = writing.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            free = writing.connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        assert free == 0
        till.context.book._connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with till.context.book.read():
            try:
                pairing.pair(till.context, hq.url, CODE)
            except BookFull:
                assert till.context.keys.token is None
            assert till.member_balances("2100000000007") == {"points": 12}


def test_a_sale_during_pairing_finds_its_member_under_the_one_key_or_the_other(
    tmp_path: Path, hq: Hq, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k0"))
        settle, selling = TillKeys.settle_identifier_key, threading.Event()

        def slowly(self: TillKeys, key_id: bytes) -> None:
            selling.set()
            threading.Event().wait(0.1)
            settle(self, key_id)

        monkeypatch.setattr(TillKeys, "settle_identifier_key", slowly)
        thread = threading.Thread(target=pairing.pair, args=(till.context, hq.url, CODE))
        thread.start()
        assert selling.wait(10)
        sold = till.commit(sale("k1"))
        thread.join()
        assert (sold.values["enrolled"], till.member_count()) == (False, 1)


def test_a_key_that_cannot_be_settled_on_disk_goes_with_the_book_and_is_settled_at_the_next_start(
    tmp_path: Path, hq: Hq, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k1"))
        real = Path.replace

        def refuse(self: Path, target: Path) -> Path:
            if self.name == "identifiers.staged":
                raise OSError(28, "No space left on device")
            return real(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", refuse)
            with pytest.raises(AgentError):
                pairing.pair(till.context, hq.url, CODE)
        assert (till.member_balances(CARD), till.context.keys.token) == ({"points": 12}, None)
    with open_till(tmp_path) as till:
        assert identifier_key_id(till.context.keys.identifier_key) == identifier_key_id(IDENTIFIER_KEY)
        assert till.member_balances(CARD) == {"points": 12}
