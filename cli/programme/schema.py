"""``loyaltill programme schema``: the JSON Schema of programme files, for editors."""

import argparse
import json

from cli.options import explain

_ABOUT = """\
Print the JSON Schema of programme files. An editor that knows it completes keys, explains them and marks what is wrong
while you write: with a TOML plugin, put `#:schema programme.schema.json` in the first line of your programme.

The file docs/programme.schema.json is the same. `loyaltill programme check` knows more than a schema can say."""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme schema > programme.schema.json")


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001  # it has no options
    """Print the schema."""
    from loyalty.authoring.schema import schema

    print(schema_text(schema()), end="")
    return 0


def schema_text(values: object) -> str:
    """Write the schema as docs/programme.schema.json has it."""
    return json.dumps(values, indent=1) + "\n"
