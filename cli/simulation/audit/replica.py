"""What a till was told by the feed: the auditor's own copy, made from the bytes that the till believed.

A copy never changes; the next page makes the next one, so that an old one goes with the image of an old disk.
"""

from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

Rows: TypeAlias = dict[tuple[str, ...], int]
_MEMBER, _BALANCE = "member", "balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """What a till shows, and what it has staged.

    Attributes:
        epoch, cursor: HQ's epoch and the position up to which it was told.
        posted: HQ's balances by (account, unit), shown.
        aliases: Members who became others by a merge, shown.
        applied: The till's own position that ``posted`` contains, apart from ``parked``.
        staged: Rows of pages that were not complete yet.
        whole: The staged rows are a feed from its beginning.
    """

    epoch: str | None = None
    cursor: int = 0
    posted: Rows = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    applied: int = 0
    parked: frozenset[int] = frozenset()
    staged: tuple[list[Any], ...] = ()
    whole: bool = False

    def forgotten(self, epoch: str | None) -> "Replica":
        """Begin the feed anew; what is shown stays."""
        return replace(self, epoch=epoch, cursor=0, staged=(), whole=False)

    def after(self, page: dict[str, Any], base: int) -> "Replica":
        """Take a page that begins where this ends; its sequences count behind position ``base`` of the till."""
        grown = replace(
            self,
            epoch=page["hq_epoch"],
            cursor=page["upto"],
            staged=(*(() if page["after"] == 0 else self.staged), *page["rows"]),
            whole=self.whole or page["after"] == 0,
        )
        return _show(grown, page, base) if page["complete"] else grown

    def account(self, member: str) -> str:
        """Give the account of a member after merges."""
        return self.aliases.get(member, member)


def _show(replica: Replica, page: dict[str, Any], base: int) -> Replica:
    posted: Rows = {} if replica.whole else dict(replica.posted)
    aliases = dict(replica.aliases)
    for row in replica.staged:
        if row[0] == _BALANCE:
            posted[row[1], row[2]] = row[3]
        elif row[0] == _MEMBER:
            aliases[row[1]] = row[2]
    return replace(
        replica,
        posted=posted,
        aliases=aliases,
        applied=base + page["applied"],
        parked=frozenset(base + sequence for sequence in page["parked"]),
        staged=(),
        whole=False,
    )
