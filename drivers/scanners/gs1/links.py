"""GS1 Digital Links: web addresses that hold a GS1 key, its qualifiers and attributes.

Knows uncompressed URIs of any host; refuses to know what the address leads to, which nobody here opens. Pure; takes
time in proportion to the text.

Words such as ``/gtin/`` and trade item numbers of fewer than 14 digits were taken out of the standard (release 1.3),
so they are no links here.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from drivers.scanners.gs1.compressed import could_be_compressed, could_be_compressed_rest
from drivers.scanners.gs1.elements import check_element
from drivers.scanners.gs1.identifiers import IDENTIFIERS
from drivers.scanners.gs1.rules import broken_rule
from drivers.scanners.gs1.values import Element, ElementString, Gs1Fault, Gs1Reason
from drivers.scanners.symbols import is_digits

_SCHEME: Final = re.compile("https?://", re.ASCII | re.IGNORECASE)
_URI: Final = re.compile(
    r"""
    https?://
    (?:(?:[0-9A-Za-z\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?                    # user information
    (?P<host>(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]+\])    # name or IPv6 address
    (?::(?P<port>[0-9]{0,5}))?
    (?P<path>(?:/(?:[0-9A-Za-z\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*)
    (?:\?(?P<query>(?:[0-9A-Za-z\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*))?
    (?:\#(?:[0-9A-Za-z\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_PERCENT: Final = re.compile("%([0-9A-Fa-f]{2})")


def parse_link(text: str) -> ElementString | Gs1Fault | None:
    """Read a Digital Link.

    Args:
        text: What a symbol holds, at most one frame (4096 characters).

    Returns:
        The key, its qualifiers, and then the attributes of the query, in their order; the fault if it is a web address
        but no good link (``NO_KEY`` for an ordinary one); None if it is no web address at all.

    Source: GS1 Digital Link Standard: URI Syntax, release 1.7, section 4; RFC 3986 for what a URI is.
    """
    uri = _URI.fullmatch(text)
    if uri is None:
        return None if _SCHEME.match(text) is None else Gs1Fault(reason=Gs1Reason.BAD_URI)
    host, port, address, asked = uri.group("host", "port", "path", "query")
    if host.startswith(".") or ".." in host or (port and int(port) > 65535):
        return Gs1Fault(reason=Gs1Reason.BAD_URI)
    path = _key_path(address)
    if isinstance(path, Gs1Fault):
        return path
    query = _query(asked, path) if asked else []
    if isinstance(query, Gs1Fault):
        return query
    elements = [*path, *query]
    fault = _first_fault(elements)
    return fault or ElementString(elements=tuple(elements))


def _key_path(path: str) -> list[Element] | Gs1Fault:
    """The key and its qualifiers: the last pairs of the path, back to the first key from its end."""
    parts = path.split("/")
    for at in range(len(parts) - 2, 0, -2):
        identifier = IDENTIFIERS.get(parts[at])
        if identifier is None:
            break
        if identifier.qualifiers is not None:
            pairs = zip(parts[at::2], parts[at + 1 :: 2], strict=True)
            elements = [Element(ai=ai, value=_decoded(value)) for ai, value in pairs]
            return elements if _in_order(elements) else Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai=identifier.ai)
    compressed = could_be_compressed(parts[-1]) or _is_partly_compressed(parts)
    return Gs1Fault(reason=Gs1Reason.COMPRESSED if compressed else Gs1Reason.NO_KEY)


def _is_partly_compressed(parts: Sequence[str]) -> bool:
    """True for a good key that is written out, and the rest of the link in the compressed form behind it."""
    if len(parts) < 4:
        return False
    ai, value, rest = parts[-3:]
    identifier = IDENTIFIERS.get(ai)
    is_key = identifier is not None and identifier.qualifiers is not None
    return is_key and check_element(ai, _decoded(value)) is None and could_be_compressed_rest(rest)


def _in_order(elements: Sequence[Element]) -> bool:
    ais = [element.ai for element in elements[1:]]
    return not ais or any(_is_part_of(ais, order) for order in IDENTIFIERS[elements[0].ai].qualifiers or ())


def _is_part_of(ais: Sequence[str], order: Sequence[str]) -> bool:
    """True if ``ais`` is ``order`` with some left out."""
    rest = iter(order)
    return all(ai in rest for ai in ais)


def _query(query: str, path: Sequence[Element]) -> list[Element] | Gs1Fault:
    elements: list[Element] = []
    for ai, value in _pairs(query):
        identifier = IDENTIFIERS.get(ai)
        if identifier is None:
            return Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai=ai if len(ai) <= 4 else "")
        if not identifier.in_query or _fits_in_path(ai, path):
            return Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai=ai)
        elements.append(Element(ai=ai, value=_decoded(value.replace("+", " "))))
    return elements


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    """Names of digits are identifiers; others are somebody else's, and so is what has no value at all."""
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals and is_digits(name):
            yield name, value


def _fits_in_path(ai: str, path: Sequence[Element]) -> bool:
    """True if an identifier could have been a qualifier beside those that are there."""
    orders = [order for order in IDENTIFIERS[path[0].ai].qualifiers or () if ai in order]
    return any({element.ai for element in path[1:]} <= set(order) for order in orders)


def _decoded(text: str) -> str:
    """Percent codes as characters, one for each byte: what is no ASCII is no character of GS1 either."""
    return _PERCENT.sub(lambda code: chr(int(code[1], 16)), text) if "%" in text else text


def _first_fault(elements: Sequence[Element]) -> Gs1Fault | None:
    """A value that is wrong, an identifier that stands twice (also with the same value), or a rule that is broken."""
    seen: set[str] = set()
    for element in elements:
        fault = check_element(element.ai, element.value)
        if fault is not None:
            return fault
        if element.ai in seen:
            return Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai=element.ai)
        seen.add(element.ai)
    return broken_rule(elements)
