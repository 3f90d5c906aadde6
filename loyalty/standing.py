"""What a till knows of a member at an instant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member's standing.

    Attributes:
        member: The member's id, 16 bytes; also the id of the account that holds the units.
        balances: (unit, smallest steps), sorted by unit, this till's own unsent entries included.
        tier: The tier's id, or None.
        nickname: What the receipt may call the member, or None.
        language: The member's language (ISO 639-1), or None.
        as_of: Aware UTC instant of HQ's last word that is included, or None if HQ was never heard.
    """

    member: bytes
    balances: tuple[tuple[str, int], ...] = ()
    tier: str | None = None
    nickname: str | None = None
    language: str | None = None
    as_of: datetime | None = None

    def balance(self, unit: str) -> int:
        """Give the balance of ``unit`` in its smallest steps; 0 where there is none."""
        return dict(self.balances).get(unit, 0)
