"""Texts from outside, made fit to be stored and shown."""


def plain_text(value: object, most: int) -> str | None:
    """Give a text as it can be stored and shown: printable characters only, at most ``most``; None for none."""
    if not isinstance(value, str):
        return None
    return "".join(letter for letter in value if letter.isprintable())[:most] or None
