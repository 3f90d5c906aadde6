"""Options that several commands share."""

import argparse
from pathlib import Path

DEFAULT_CONFIG = Path("config.toml")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Declare ``--config``."""
    parser.add_argument(
        "--config", type=Path, default=DEFAULT_CONFIG, metavar="FILE", help="the machine's config.toml (%(default)s)"
    )
