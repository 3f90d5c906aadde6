"""Files that come with the program: the example programmes, beside the packages in a checkout, inside a wheel."""

from pathlib import Path

from cli.failures import CommandFailed

_PLACES = (Path(__file__).parent.parent / "programmes", Path(__file__).parent / "programmes")


def shipped_programme(name: str) -> Path:
    """Give the path of a shipped programme by its file name."""
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise CommandFailed(f"the shipped programme {name} is missing from this installation")
