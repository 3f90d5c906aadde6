"""Texts from outside, made fit for paper."""


def one_line(text: str) -> str:
    """Give a text from outside without control characters, and without other white space than single spaces."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
