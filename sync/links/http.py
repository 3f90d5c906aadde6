"""The way to HQ over HTTP, with requests. Only answers that are HQ's count; anything else is a dead link.

A captive portal or a proxy may answer 200 with a page of its own, so an answer is believed only when it reads
as the message that was asked for. The environment's proxies and certificates do not count: what a till uses is in
its settings, as a `Route`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import requests

from sync.links.deadline import DeadlineAdapter
from sync.links.route import DIRECT, Route
from sync.protocol import epochs, wire
from sync.protocol.buckets import BucketPage, decode_bucket_page
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import LinkDown, NoSuchAddress, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest, decode_lease_answer, encode_lease_request
from sync.protocol.segments import MAX_SEGMENT_BYTES
from sync.protocol.snapshots import Manifest, decode_manifest
from sync.protocol.values import (
    MAX_PAGE_BYTES,
    Acknowledged,
    Batch,
    FeedPage,
    Hello,
    HelloAnswer,
    PairAnswer,
    PairRequest,
)

_T = TypeVar("_T")
MAX_RETRY_AFTER_S = 600
_MAX_ANSWER_BYTES = max(MAX_PAGE_BYTES, MAX_SEGMENT_BYTES)
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a link waits: for a connection, for each part of an answer, and for the whole of it, in seconds."""

    connect_s: float
    read_s: float
    whole_s: float


USUAL = Patience(connect_s=3.05, read_s=30.0, whole_s=900.0)
HURRIED = Patience(connect_s=0.15, read_s=0.15, whole_s=0.3)
"""For a sale that waits. What no timeout bounds, as a name that is looked up, is left to `sync.links.brief`."""


class HttpLink:
    """A link for one till; ``token`` is what pairing gave. Not for several threads at once."""

    def __init__(self, base_url: str, token: str, route: Route = DIRECT, patience: Patience = USUAL) -> None:
        self._patience = patience
        self._base = base_url.rstrip("/")
        self._session = open_session(route)
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def hello(self, hello: Hello) -> HelloAnswer:
        """Say where the till's journal stands."""
        return self._post("/v1/sync/hello", wire.encode_hello(hello), "application/json", wire.decode_hello_answer)

    def upload(self, batch: Batch) -> Acknowledged:
        """Send one batch."""
        return self._post("/v1/sync/journal", wire.encode_batch(batch), "application/zlib", wire.decode_acknowledged)

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        """Say what is wanted of leases; hear what became of those that the till holds."""
        body = encode_lease_request(request)
        return self._post("/v1/sync/leases", body, "application/json", decode_lease_answer)

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        """Ask which hash HQ holds somewhere in this till's journal."""
        return self._post(
            "/v1/sync/hash", epochs.encode_hash_asked(asked), "application/json", epochs.decode_hash_answer
        )

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        """Ask for the next epoch."""
        body = epochs.encode_epoch_request(request)
        return self._post("/v1/sync/epoch", body, "application/json", epochs.decode_epoch_opened)

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        """Ask for the feed after a position, and for all of some members.

        HQ refuses when it takes another epoch's journal than ``epoch``'s.
        """
        members = "&members=" + ",".join(member.hex() for member in wanted) if wanted else ""
        return self._ask("GET", f"/v1/sync/feed?after={after}&epoch={epoch}{members}", None, {}, wire.decode_feed_page)

    def feed_since(
        self, after: int, epoch: int, since: int, wanted: Sequence[bytes] = (), *, segments: bool = True
    ) -> FeedPage:
        """Ask for the feed as `feed` does, by a till that knows up to where no tombstone is missing."""
        members = "&members=" + ",".join(member.hex() for member in wanted) if wanted else ""
        files = "&segments=yes" if segments else ""
        path = f"/v1/sync/feed?after={after}&epoch={epoch}&since={since}{files}{members}"
        return self._ask("GET", path, None, {}, wire.decode_feed_page)

    def bucket(self, first: bytes) -> BucketPage:
        """Ask for what HQ holds of the accounts of a bucket from one id on; NoSuchAddress from an older HQ."""
        return self._ask("GET", f"/v1/sync/feed/bucket?from={first.hex()}", None, {}, decode_bucket_page)

    def segment(self, name: str) -> bytes:
        """Ask for a segment file; its bytes are the reader's to verify."""
        return self._ask("GET", f"/v1/sync/segments/{name}", None, {"Accept-Encoding": "identity"}, bytes)

    def snapshot(self) -> Manifest:
        """Ask for the description of the newest snapshot."""
        return self._ask("GET", "/v1/sync/snapshot", None, {}, decode_manifest)

    def snapshot_part(self, name: str, first: int, size: int) -> bytes:
        """Ask for ``size`` bytes of a snapshot from byte ``first`` on."""
        ranged = {"Range": f"bytes={first}-{first + size - 1}"}
        data = self._ask("GET", f"/v1/sync/snapshot/{name}", None, ranged, bytes, requests.codes.partial_content)
        if len(data) != size:
            raise LinkDown("a part of the snapshot came with another size")
        return data

    def _post(self, path: str, body: bytes, kind: str, read: Callable[[bytes], _T]) -> _T:
        return self._ask("POST", path, body, {"Content-Type": kind}, read)

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        read: Callable[[bytes], _T],
        status: int = requests.codes.ok,
    ) -> _T:
        return _exchange(self._session, method, self._base + path, body, headers, read, status, self._patience)


def open_session(route: Route) -> requests.Session:
    """Open a session on ``route`` and on nothing that the environment says."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, DeadlineAdapter())
    if route.ca_file is not None:
        session.verify = str(route.ca_file)
    if route.proxy:
        session.proxies = {"http": route.proxy, "https": route.proxy}
    return session


def pair(base_url: str, request: PairRequest, route: Route = DIRECT) -> PairAnswer:
    """Ask HQ at ``base_url`` to know a till.

    Raises:
        LinkDown: HQ could not be reached.
        SyncRefused: the code is wrong, used or too old.
    """
    with open_session(route) as session:
        body = wire.encode_pair_request(request)
        headers = {"Content-Type": "application/json"}
        url = base_url.rstrip("/") + "/v1/pair"
        return _exchange(session, "POST", url, body, headers, wire.decode_pair_answer)


def _exchange(
    session: requests.Session,
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    read: Callable[[bytes], _T],
    status: int = requests.codes.ok,
    patience: Patience = USUAL,
) -> _T:
    try:
        with (
            _within(session, url, patience),
            session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=(patience.connect_s, patience.read_s),
                stream=True,
                allow_redirects=False,
            ) as answer,
        ):
            data = _bounded(answer)
    except (requests.RequestException, ValueError) as fault:  # ValueError: urllib3's own, for a host that is no name
        raise LinkDown(f"HQ cannot be reached: {type(fault).__name__}") from fault
    except (
        OSError
    ) as fault:  # requests' own word for a file of certificates that is not there; RequestException is above
        raise LinkDown(f"HQ cannot be reached: {fault}") from fault
    if answer.status_code == status:
        return _believed(data, read)
    later_s = _retry_after_s(answer.headers.get("Retry-After", ""))
    refused = wire.decode_refused(data)
    if refused is None:
        down = NoSuchAddress if answer.status_code == requests.codes.not_found else LinkDown
        raise down(f"HQ answered {answer.status_code} in a way that HQ does not", retry_after_s=later_s)
    refused.retry_after_s = later_s
    raise refused


def _within(session: requests.Session, url: str, patience: Patience) -> AbstractContextManager[None]:
    adapter = session.get_adapter(url)
    assert isinstance(adapter, DeadlineAdapter)
    return adapter.within(patience.whole_s)


def _retry_after_s(said: str) -> int:
    """Read a Retry-After in seconds, at most `MAX_RETRY_AFTER_S`: whoever stands in between must not shut a till up.

    A date counts for nothing, since it means something only to whoever trusts both clocks. Source: RFC 9110, 10.2.3.
    """
    said = said.strip()
    return min(int(said), MAX_RETRY_AFTER_S) if said.isascii() and said.isdigit() and len(said) <= 9 else 0


def _bounded(answer: requests.Response) -> bytes:
    data = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        data += chunk
        if len(data) > _MAX_ANSWER_BYTES:
            raise LinkDown("the answer is larger than HQ's are; a portal or proxy may stand in between")
    return bytes(data)


def _believed(data: bytes, read: Callable[[bytes], _T]) -> _T:
    try:
        return read(data)
    except SyncRefused as fault:
        raise LinkDown(f"the answer is not HQ's ({fault.detail}); a portal or proxy may stand in between") from fault
