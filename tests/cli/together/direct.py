"""A way to HQ without a server: messages become bytes and back, and HQ's services answer in the same thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hq.pairing.terminals import Terminal, authenticate
from hq.server import Hq
from sync.protocol import epochs, leases, wire
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer


@dataclass
class DirectLink:
    """One till's way; while ``cut`` nothing comes through."""

    hq: Hq
    token: str
    cut: bool = False

    def hello(self, hello: Hello) -> HelloAnswer:
        answer = self.hq.ingest.hello(self._till(), wire.decode_hello(wire.encode_hello(hello)))
        return wire.decode_hello_answer(wire.encode_hello_answer(answer))

    def upload(self, batch: Batch) -> Acknowledged:
        answer = self.hq.ingest.batch(self._till(), wire.decode_batch(wire.encode_batch(batch)))
        return wire.decode_acknowledged(wire.encode_acknowledged(answer))

    def leases(self, request: leases.LeaseRequest) -> leases.LeaseAnswer:
        asked = leases.decode_lease_request(leases.encode_lease_request(request))
        answer = self.hq.leasing.exchange(self._till(), asked)
        return leases.decode_lease_answer(leases.encode_lease_answer(answer))

    def hash_at(self, asked: epochs.HashAsked) -> epochs.HashAnswer:
        answer = self.hq.epochs.hash_at(self._till(), epochs.decode_hash_asked(epochs.encode_hash_asked(asked)))
        return epochs.decode_hash_answer(epochs.encode_hash_answer(answer))

    def open_epoch(self, request: epochs.EpochRequest) -> epochs.EpochOpened:
        asked = epochs.decode_epoch_request(epochs.encode_epoch_request(request))
        return epochs.decode_epoch_opened(epochs.encode_epoch_opened(self.hq.epochs.open_epoch(self._till(), asked)))

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        till = self._till()
        if till.epoch != epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, "another epoch")
        page = self.hq.feed.page(terminal=till.terminal_id, epoch=till.epoch, after=after, wanted=wanted)
        return wire.decode_feed_page(wire.encode_feed_page(page))

    def _till(self) -> Terminal:
        if self.cut:
            raise LinkDown("the line is cut")
        return authenticate(self.hq.book, self.token)
