"""What a shop may set for its receipts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ReceiptLanguage(StrEnum):
    """Whose language a receipt speaks."""

    MEMBER = "member"
    """The member's, else the shop's."""
    STORE = "store"
    BOTH = "both"
    """The member's, and the shop's beside or below it."""


class OwnPaper(StrEnum):
    """What may come out beside the slip on a paper of its own, named as its template."""

    COUPON = "coupon"
    GIFT_CARD = "gift_card"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsConfig:
    """How receipts are written.

    Attributes:
        language: Whose language they speak.
        templates: A folder with the shop's own templates, or None.
        member_page: Where members see their balance; printed as a QR code, or empty.
        logo: The file of a picture that stands at the head of receipts, or None.
        font: A font for letters that the atlas lacks, or None.
        own_paper: What the agent's printer gives a paper of its own. Coupons and invitations are on the slip otherwise.
    """

    language: ReceiptLanguage = ReceiptLanguage.MEMBER
    templates: Path | None = None
    member_page: str = ""
    logo: Path | None = None
    font: Path | None = None
    own_paper: tuple[OwnPaper, ...] = ()
