"""Options and help texts that several commands share."""

import argparse
import textwrap
from pathlib import Path

from cli.failures import usage

DEFAULT_CONFIG = Path("config.toml")
_INDENT = "  "


class HelpFormatter(argparse.HelpFormatter):
    """Folds paragraphs to the terminal's width and leaves indented lines, which are examples, as they stand."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)
        self._action_max_length = 14  # else the longest name of an action stands on a line of its own

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(_filled(paragraph, width, indent) for paragraph in text.split("\n\n"))


def explain(parser: argparse.ArgumentParser, description: str, examples: str, after: str = "") -> None:
    """Give a command its help: what it does, an example or two, and what else is worth knowing.

    Args:
        parser: The command's.
        description: Paragraphs; they are folded to the terminal.
        examples: Command lines, one a line.
        after: Paragraphs behind the examples.
    """
    parser.formatter_class = HelpFormatter
    parser.allow_abbrev = False
    parser.description = description
    heading = "example" if "\n" not in examples else "examples"
    parser.epilog = f"{heading}:\n{textwrap.indent(examples, _INDENT)}" + (f"\n\n{after}" if after else "")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Declare ``--config``."""
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="this machine's settings; default: config.toml in the current folder",
    )


def config_file(arguments: argparse.Namespace) -> Path:
    """Give the file of ``--config``; one that is not there ends the command with the way to make it."""
    path: Path = arguments.config
    if not path.exists():
        usage(f"{path}: there is no such file; copy config.example.toml to it and set it up, or name yours: --config")
    return path


def _filled(paragraph: str, width: int, indent: str) -> str:
    if any(line.startswith(_INDENT) for line in paragraph.splitlines()):
        return paragraph
    return textwrap.fill(" ".join(paragraph.split()), width, initial_indent=indent, subsequent_indent=indent)
