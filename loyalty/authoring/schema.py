"""A JSON Schema of programme files, for editors: made of what the readers ask for, so that it cannot tell another story.

It knows shapes, bounds and choices. References between tables, and what lies between keys, are the matter of the
reader, whose word counts. TOML's dates are texts here, as editors' TOML plugins hand them over.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty.authoring.keys import KIND, RULES, keys_of_file, keys_of_kind, meaning
from loyalty.authoring.recording import Asked, KeyType, Path, by_table
from loyalty.numbers.limits import INT64_MAX
from loyalty.rules.registry import REWARDS

_DATE = r"\d{4}-\d{2}-\d{2}"
_LOCAL = rf"^{_DATE}([T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?)?$"
_LANGUAGE = "^[a-z]{2}$"
_ID = "^[a-z][a-z0-9_-]{0,39}$"
_HOSTS_IDS = frozenset({"tier", "category", "item"})
"""Tables whose ids are the host's, or HQ's, and may be any text."""
_DERIVED: Mapping[Path, str] = {
    ("programme", "languages"): "those of programme.names",
    ("currency", "sign"): "its usual one",
    ("currency", "cash_step"): "one minor unit",
    ("coupon", 0, "code", "prefix"): "none",
}
"""Defaults that follow from other keys."""


def derived_default(path: Path) -> str | None:
    """Say what the default of a key follows from, or None where it is a value or there is none."""
    return _DERIVED.get(path)


def schema() -> dict[str, Any]:
    """Give the schema as JSON values."""
    shared: dict[str, Any] = {}
    tables = by_table(keys_of_file())
    properties = {str(one.path[0]): _property(one, tables, "", shared) for one in tables[()]}
    properties["rule"]["items"] = _of_kinds(tuple(RULES), shared)
    properties["reward"]["items"] = _of_kinds(tuple(REWARDS), shared)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A Loyaltill programme",
        "description": "What members earn and what they can spend. Made by: loyaltill programme schema",
        "type": "object",
        "required": ["programme", "currency"],
        "additionalProperties": False,
        "properties": properties,
        "definitions": dict(sorted(shared.items())),
    }


def _of_kinds(kinds: Sequence[str], shared: dict[str, Any]) -> dict[str, Any]:
    for kind in kinds:
        shared[kind] = _kind(kind, shared)
    return {
        "type": "object",
        "required": [KIND],
        "properties": {KIND: {"enum": sorted(kinds), "description": meaning((KIND,), kinds[0])}},
        "allOf": [
            {
                "if": {"properties": {KIND: {"const": kind}}, "required": [KIND]},
                "then": {"$ref": f"#/definitions/{kind}"},
            }
            for kind in sorted(kinds)
        ],
    }


def _kind(kind: str, shared: dict[str, Any]) -> dict[str, Any]:
    tables = by_table(keys_of_kind(kind))
    made = _object(tables[()], tables, kind, shared)
    made["properties"] = {KIND: {"const": kind}, **made["properties"]}
    return made


def _object(
    keys: Sequence[Asked], tables: Mapping[Path, Sequence[Asked]], kind: str, shared: dict[str, Any]
) -> dict[str, Any]:
    required = sorted(str(one.path[-1]) for one in keys if one.required)
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "additionalProperties": False,
        "properties": {str(one.path[-1]): _property(one, tables, kind, shared) for one in keys},
    }


def _property(one: Asked, tables: Mapping[Path, Sequence[Asked]], kind: str, shared: dict[str, Any]) -> dict[str, Any]:
    shapes = [_shape(held, one, tables, kind, shared) for held in sorted(one.types)]
    made: dict[str, Any] = dict(shapes[0]) if len(shapes) == 1 else {"anyOf": shapes}
    if "$ref" in made:
        made = {"allOf": [made]}
    made["description"] = meaning(one.path, kind)
    if one.default is not None and one.path not in _DERIVED:
        made["default"] = list(one.default) if isinstance(one.default, tuple) else one.default
    return made


def _shape(
    held: KeyType, one: Asked, tables: Mapping[Path, Sequence[Asked]], kind: str, shared: dict[str, Any]
) -> dict[str, Any]:
    match held:
        case KeyType.TABLE:
            return _table(one, tables.get(one.path, ()), tables, kind, shared)
        case KeyType.TABLES:
            inner = _object(tables.get((*one.path, 0), ()), tables, kind, shared)
            return {"type": "array", "maxItems": one.most, "items": inner}
        case _:
            return _plain(held, one)


def _table(
    one: Asked, keys: Sequence[Asked], tables: Mapping[Path, Sequence[Asked]], kind: str, shared: dict[str, Any]
) -> dict[str, Any]:
    """Give an inner table; the same one of many kinds is written once."""
    made = _object(keys, tables, kind, shared)
    if not kind:
        return made
    name = ".".join(str(part) for part in one.path)
    if shared.setdefault(name, made) != made:
        name = f"{kind}.{name}"
        shared[name] = made
    return {"$ref": f"#/definitions/{name}"}


def _plain(held: KeyType, one: Asked) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    most = {} if one.most in (None, INT64_MAX) else {"maximum": one.most}
    names = {"type": "object", "minProperties": 1, "patternProperties": {_LANGUAGE: text}}
    shapes: Mapping[KeyType, dict[str, Any]] = {
        KeyType.TEXT: {**text, "maxLength": one.most, **_id(one)},
        KeyType.INTEGER: {"type": "integer", "minimum": one.least, **most},
        KeyType.BOOLEAN: {"type": "boolean"},
        KeyType.DECIMAL: _decimal(one),
        KeyType.CHOICE: {"enum": [str(choice) for choice in one.choices]},
        KeyType.TEXTS: {"type": "array", "maxItems": one.most, "items": text},
        KeyType.NAMES: {**names, "additionalProperties": False},
        KeyType.DATE: {"type": "string", "pattern": f"^{_DATE}$"},
        KeyType.LOCAL: {"type": "string", "pattern": _LOCAL},
    }
    return shapes[held]


def _id(one: Asked) -> dict[str, str]:
    return {"pattern": _ID} if one.path[-1] == "id" and one.path[0] not in _HOSTS_IDS else {}


def _decimal(one: Asked) -> dict[str, Any]:
    """Give a decimal: a whole number, or a text, at the most decimals that a currency or unit could give it."""
    some = "(?=.*[1-9])" if one.least else ""
    fraction = rf"(\.\d{{1,{one.scale}}}0*)?" if one.scale else r"(\.0+)?"
    return {
        "anyOf": [
            {"type": "integer", "minimum": one.least or 0},
            {"type": "string", "pattern": rf"^{some}\d+{fraction}$"},
        ]
    }
