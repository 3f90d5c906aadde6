"""The templates that there are, by name, and what each is given."""

from dataclasses import dataclass

from agent.receipts.values import CouponSlip, GiftCard, Invitation, Paper, PrinterPage, Shift, Slip

SUFFIX = ".jinja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of paper.

    Attributes:
        name: That of the file, without its suffix.
        noun: What the template calls its value: ``{{ slip.shop }}``.
        shape: The value's class.
        about: What it is, in English.
    """

    name: str
    noun: str
    shape: type[Paper]
    about: str


TEMPLATES = {
    one.name: one
    for one in (
        Template(name="slip", noun="slip", shape=Slip, about="the loyalty slip of a sale, a void or a return"),
        Template(name="appended", noun="slip", shape=Slip, about="a few rows that are added to a fiscal receipt"),
        Template(name="coupon", noun="slip", shape=CouponSlip, about="one coupon on a paper of its own"),
        Template(name="gift_card", noun="card", shape=GiftCard, about="a gift card that was sold or loaded"),
        Template(name="invitation", noun="invitation", shape=Invitation, about="one seat at an event"),
        Template(name="shift", noun="shift", shape=Shift, about="what a till did in a shift"),
        Template(name="test", noun="page", shape=PrinterPage, about="what shows whether a printer prints everything"),
    )
}


OF_ENTRIES = ("slip", "appended", "coupon", "gift_card", "invitation")
"""What is printed of an entry of the journal."""
