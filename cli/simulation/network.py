"""The network between tills and HQ: it loses, cuts, doubles and delays, and sometimes it is somebody else who answers.

What travels is bytes. A till believes an answer only when it reads as the message that was asked for, as its HTTP link does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from cli.simulation.chance import Chance
from cli.simulation.serving import EPOCH, FEED, HASH, HELLO, LEASES, OK, UPLOAD, Answer
from sync.protocol import epochs, leases, wire
from sync.protocol.errors import HTTP_STATUS, LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer

_T = TypeVar("_T")
_PORTAL = b"<!doctype html><title>Free Wi-Fi</title><form>Accept the terms to go on</form>"
_BUSY = HTTP_STATUS[SyncErrorCode.BUSY], wire.encode_refused(SyncRefused(SyncErrorCode.BUSY, "simulated"))
_TOO_MANY = 429, b"slow down"
_MOST_LATE = 8


class Weather(StrEnum):
    """How the line of one till is for a while."""

    CLEAR = "clear"
    ROUGH = "rough"
    """Each message has a fate of its own."""
    DOWN = "down"
    ONE_WAY = "one_way"
    """What the till sends arrives; no answer comes back."""
    PORTAL = "portal"
    """A captive portal answers everything with a page of its own."""
    BUSY = "busy"
    """HQ, or something before it, sends everybody away."""


class Fate(StrEnum):
    """What becomes of one message and its answer."""

    ARRIVES = "arrives"
    REQUEST_LOST = "request_lost"
    ANSWER_LOST = "answer_lost"
    DOUBLED = "doubled"
    LATE = "late"
    """It is lost for the till, and comes to HQ later, behind newer ones."""
    REQUEST_CUT = "request_cut"
    """HQ gets a part of the body; whoever passed it on has mended its length."""
    ANSWER_CUT = "answer_cut"
    PORTAL = "portal"
    BUSY = "busy"


_FATES: dict[Weather, tuple[Fate, ...]] = {
    Weather.CLEAR: (Fate.ARRIVES,),
    Weather.ROUGH: (Fate.ARRIVES, Fate.ARRIVES, *Fate),
    Weather.DOWN: (Fate.REQUEST_LOST,),
    Weather.ONE_WAY: (Fate.ANSWER_LOST,),
    Weather.PORTAL: (Fate.PORTAL,),
    Weather.BUSY: (Fate.BUSY,),
}


class Server(Protocol):
    """Where requests go."""

    def serve(self, token: str, what: str, body: bytes) -> Answer:
        """Answer a request; raises LinkDown while nobody serves."""


class Listener(Protocol):
    """Who watches what a till is told."""

    def message(self, number: int, what: str, fate: str) -> None:
        """A message travels."""

    def sending(self, number: int, what: str, body: bytes) -> None:
        """A till lets a request go."""

    def told(self, number: int, what: str, answer: bytes) -> None:
        """A till believes an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Late:
    token: str
    what: str
    body: bytes


class Network:
    """Every till's line to HQ."""

    def __init__(self, server: Server, listener: Listener, chance: Chance) -> None:
        self.weather: dict[int, Weather] = {}
        self._server, self._listener, self._chance = server, listener, chance
        self._late: list[_Late] = []

    def clear(self) -> None:
        """Let the sun shine everywhere; what was late is lost now."""
        self.weather.clear()
        self._late.clear()

    def arrive_late(self) -> bool:
        """Let one of the late messages reach HQ; nobody waits for its answer. False where there is none."""
        if not self._late:
            return False
        late = self._late.pop(self._chance.below(len(self._late)))
        try:
            status, _ = self._server.serve(late.token, late.what, late.body)
        except LinkDown:
            status = 0
        self._listener.message(-1, late.what, f"late {status}")
        return True

    def carry(self, number: int, token: str, what: str, body: bytes) -> Answer:
        """Carry a till's request to HQ and the answer back, or not.

        Raises:
            LinkDown: no answer came.
        """
        fate = self._chance.pick(_FATES[self.weather.get(number, Weather.CLEAR)])
        self._listener.message(number, what, fate.value)
        self._listener.sending(number, what, body)
        if fate is Fate.PORTAL:
            return OK, _PORTAL
        if fate is Fate.BUSY:
            return _BUSY if self._chance.one_in(2) else _TOO_MANY
        if fate in {Fate.REQUEST_LOST, Fate.LATE}:
            if fate is Fate.LATE and len(self._late) < _MOST_LATE:
                self._late.append(_Late(token=token, what=what, body=body))
            raise LinkDown(f"simulated: {fate.value}")
        return self._serve(fate, token, what, body)

    def _serve(self, fate: Fate, token: str, what: str, body: bytes) -> Answer:
        """Bring a request, or what is left of it, to HQ, and its answer, or what is left of that, to the till."""
        if fate is Fate.REQUEST_CUT:
            body = body[: self._chance.below(len(body))]
            if what == FEED:  # an address has no length: what is cut off is no request at all
                raise LinkDown(f"simulated: {fate.value}")
        if fate is Fate.DOUBLED:
            self._server.serve(token, what, body)
        status, data = self._server.serve(token, what, body)
        if fate is Fate.ANSWER_LOST:
            raise LinkDown("simulated: the answer is lost")
        if fate is Fate.ANSWER_CUT:
            data = data[: self._chance.below(len(data))]
        return status, data


class SimLink:
    """One till's link to HQ (`sync.ports.HqLink`)."""

    def __init__(self, network: Network, listener: Listener, number: int, token: str) -> None:
        self._network, self._listener = network, listener
        self._number, self._token = number, token

    def hello(self, hello: Hello) -> HelloAnswer:
        """Say where the till's journal stands."""
        return self._ask(HELLO, wire.encode_hello(hello), wire.decode_hello_answer)

    def upload(self, batch: Batch) -> Acknowledged:
        """Send one batch."""
        return self._ask(UPLOAD, wire.encode_batch(batch), wire.decode_acknowledged)

    def leases(self, request: leases.LeaseRequest) -> leases.LeaseAnswer:
        """Say what is wanted of leases."""
        return self._ask(LEASES, leases.encode_lease_request(request), leases.decode_lease_answer)

    def hash_at(self, asked: epochs.HashAsked) -> epochs.HashAnswer:
        """Ask which hash HQ holds."""
        return self._ask(HASH, epochs.encode_hash_asked(asked), epochs.decode_hash_answer)

    def open_epoch(self, request: epochs.EpochRequest) -> epochs.EpochOpened:
        """Ask for the next epoch."""
        return self._ask(EPOCH, epochs.encode_epoch_request(request), epochs.decode_epoch_opened)

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        """Ask for the feed after a position, without a word of what is missing: no till does."""
        raise NotImplementedError

    def feed_since(
        self,
        after: int,
        epoch: int,
        since: int,
        wanted: Sequence[bytes] = (),
        *,
        segments: bool = True,  # noqa: ARG002  # pages do
    ) -> FeedPage:
        """Ask for the feed after a position, in pages whatever ``segments`` says (`sync.ports.SegmentLink`)."""
        members = ",".join(one.hex() for one in wanted)
        return self._ask(FEED, f"{after} {epoch} {since} {members}".encode(), wire.decode_feed_page)

    def segment(self, name: str) -> bytes:
        """Ask for a segment file; HQ was never asked to name one."""
        raise NotImplementedError(name)

    def _ask(self, what: str, body: bytes, read: Callable[[bytes], _T]) -> _T:
        status, data = self._network.carry(self._number, self._token, what, body)
        if status == OK:
            try:
                believed = read(data)
            except SyncRefused as fault:
                raise LinkDown("simulated: the answer is not HQ's") from fault
            self._listener.told(self._number, what, data)
            return believed
        refused = wire.decode_refused(data)
        if refused is None:
            raise LinkDown("simulated: somebody else answered")
        raise refused
