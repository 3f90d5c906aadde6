"""The QR code on a fiscal receipt: date, total and number of a document that a tax authority knows.

Two templates are shipped; others are configuration. Refuses to know whether the receipt exists: only the authority does.
Pure.

Source of the Russian one: order ED-7-20/662@ of the Federal Tax Service, table of details of a receipt (QR code: t, s, fn,
i, fp, n). The Kazakh ones are links to the site of the operator of fiscal data, as their receipts carry them:
``?i=...&f=...&s=...&t=...`` with the document's fiscal sign and the cash register's registration number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MAX_RECEIPT: Final = 1_000
_LINK: Final = re.compile(r"(?i:https?)://([a-zA-Z0-9.\-]{1,253})(?::[0-9]{1,5})?(/[^?#]*)?\?([^#]*)(?:#.*)?")
_QUERY: Final = re.compile(r"[A-Za-z_]{1,20}=[^&=]{1,64}(?:&[A-Za-z_]{1,20}=[^&=]{1,64})*")
_INSTANT: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?")
_TOTAL: Final = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
_NUMBER: Final = re.compile(r"[0-9A-Za-z\-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptTemplate:
    """Where a fiscal receipt's code has its facts.

    Attributes:
        name: What the template is called; part of what a reading says.
        date: The name of the parameter that holds the local date and time, as ``t``.
        total: The one that holds the total, in the currency's major unit.
        number: The one that holds the document's number.
        identity: Those whose values, joined by colons, name the document among all others.
        hosts: Hosts of the link, their subdomains included; empty where the code is the parameters alone.
        optional: Parameters that may be there, and what they are called: (parameter, field).

    Raises:
        ValueError: There is no identity, or a name is empty.
    """

    name: str
    date: str
    total: str
    number: str
    identity: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    optional: tuple[tuple[str, str], ...] = ()
    required: frozenset[str] = field(init=False, repr=False, compare=False)
    """The parameters without which a code is not of this template."""
    _subdomains: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.name and self.date and self.total and self.number and self.identity and all(self.identity)):
            raise ValueError("a receipt template names its date, its total, its number and what identifies a document")
        object.__setattr__(self, "required", frozenset({self.date, self.total, self.number, *self.identity}))
        object.__setattr__(self, "_subdomains", tuple(f".{host}" for host in self.hosts))

    def is_at(self, host: str) -> bool:
        """True for a host of the link in small letters, or "" where the code is the parameters alone."""
        if not self.hosts:
            return not host
        return host in self.hosts or host.endswith(self._subdomains)


RUSSIAN: Final = ReceiptTemplate(
    name="ru",
    date="t",
    total="s",
    number="i",
    identity=("fn", "i", "fp"),
    optional=(("n", "operation"),),
)
KAZAKH: Final = ReceiptTemplate(
    name="kz",
    date="t",
    total="s",
    number="i",
    identity=("f", "i"),
    hosts=("oofd.kz", "kofd.kz", "ofd1.kz", "ofd.beeline.kz", "kassa.wipon.kz"),
)
SHIPPED: Final = (RUSSIAN, KAZAKH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRead:
    """What a fiscal receipt's code says.

    Attributes:
        value: The document's identity, under its template's name.
        fields: ``template``, ``date`` (local, ``2020-01-01T12:00``), ``total`` (with two decimals), ``number``, and each
            parameter of the identity under its own name.
    """

    value: str = field(repr=False)
    fields: dict[str, str] = field(repr=False)


def read_receipt(text: str, templates: tuple[ReceiptTemplate, ...]) -> ReceiptRead | str | None:
    """What a fiscal receipt's code says by the first template that it is of.

    Args:
        text: The whole text of the code.
        templates: In the merchant's order, the shipped ones behind.

    Returns:
        What it says; ``receipt_date``, ``receipt_total`` or ``receipt_number`` where that parameter cannot be read; None
        if it is a code of no template.
    """
    if len(text) > MAX_RECEIPT or "=" not in text:
        return None
    link = _LINK.fullmatch(text) if text[:4].lower() == "http" else None
    host, query = (link[1].lower(), link[3]) if link is not None else ("", text)
    there = [template for template in templates if template.is_at(host)]
    given = _parameters(query) if there else None
    if given is None:
        return None
    for template in there:
        if template.required <= given.keys():
            return _read(given, template)
    return None


def _parameters(query: str) -> Mapping[str, str] | None:
    """The parameters of a query, each once; None if it is no query."""
    if _QUERY.fullmatch(query) is None:
        return None
    pairs = [part.split("=") for part in query.split("&")]
    given = dict(pairs)
    return given if len(given) == len(pairs) else None


def _read(given: Mapping[str, str], template: ReceiptTemplate) -> ReceiptRead | str:
    date = _date(given[template.date])
    if date is None:
        return "receipt_date"
    total = _TOTAL.fullmatch(given[template.total])
    if total is None:
        return "receipt_total"
    number = given[template.number]
    fields = {name: given[name] for name in template.identity}
    value = ":".join((template.name, *fields.values()))
    if None in map(_NUMBER.fullmatch, (number, *fields.values())):
        return "receipt_number"
    fields |= {called: given[name] for name, called in template.optional if name in given}
    fields["template"] = template.name
    fields["date"] = date
    fields["total"] = f"{int(total[1])}.{(total[2] or '').ljust(2, '0')}"
    fields["number"] = number
    return ReceiptRead(value=value, fields=fields)


def _date(text: str) -> str | None:
    """A local date and time, as ``2020-01-01T12:00``; None if there is no such instant."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    date, time = "-".join(found.group(1, 2, 3)), ":".join(filter(None, found.group(4, 5, 6)))
    instant = f"{date}T{time}"
    try:
        datetime.fromisoformat(instant)
    except ValueError:
        return None
    return instant
