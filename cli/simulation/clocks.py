"""Time in a run: the true one, HQ's, and each till's own, which may be wrong by days or stand in 1970."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""When every run begins: a Monday morning in the simulated stores' zone."""
_DEAD_BATTERY = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)


class WorldClock:
    """The true time; it only moves when the run says so."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Give the present instant."""
        return self.now

    def pass_ms(self, milliseconds: int) -> None:
        """Let time go by."""
        self.now += timedelta(milliseconds=milliseconds)


class TillClock:
    """One till's clock: the true time and what it is off by."""

    def __init__(self, world: WorldClock) -> None:
        self._world = world
        self.off = timedelta(0)

    def __call__(self) -> datetime:
        """Give what the till takes for the present instant."""
        return self._world.now + self.off

    def die(self) -> None:
        """Begin again in 1970, as after the battery's death."""
        self.off = _DEAD_BATTERY - self._world.now
