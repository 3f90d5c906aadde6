"""How often an open address may be asked: token buckets in memory, bounded in number."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hq.ports import epoch_ms

MAX_CALLERS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens_milli: int
    at_ms: int


class RateLimit:
    """Lets each caller do something ``burst`` times at once and then ``per_minute`` times a minute."""

    def __init__(self, clock: Callable[[], datetime], *, burst: int, per_minute: int) -> None:
        self._clock = clock
        self._most = burst * 1000
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._turn = threading.Lock()

    def allows(self, caller: str) -> bool:
        """Count one try of ``caller`` and tell whether it may go on."""
        now_ms = epoch_ms(self._clock())
        with self._turn:
            bucket = self._buckets.pop(caller, None) or _Bucket(self._most, now_ms)
            gained = max(0, now_ms - bucket.at_ms) * self._per_minute // 60
            bucket.tokens_milli = min(self._most, bucket.tokens_milli + gained)
            bucket.at_ms = now_ms
            allowed = bucket.tokens_milli >= 1000
            bucket.tokens_milli -= 1000 if allowed else 0
            self._buckets[caller] = bucket
            if len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
            return allowed
