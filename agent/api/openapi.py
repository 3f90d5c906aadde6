"""The OpenAPI document, made from the tables that requests are read with."""

from collections.abc import Sequence
from typing import Any

from agent.api.endpoints import Endpoint
from agent.api.reading import KEY_HEADER
from agent.api.shapes import shapes_in
from agent.till.identify import NAMELESS
from agent.till.record import MAX_KEY
from drivers.scanners.decoding.reading import Kind
from loyalty.refusals import RefusalCode

_REFUSAL = {
    "type": "object",
    "description": "A refusal: the code for programs, the text for the cashier.",
    "properties": {
        "refused": {"type": "string", "enum": [code.value for code in RefusalCode]},
        "text": {"type": "string"},
        "field": {"type": "string"},
        "detail": {"type": "string"},
        "entry": {"type": "string"},
        "read": {"$ref": "#/components/schemas/Read"},
    },
    "required": ["refused", "text"],
}
_READ = {
    "type": "object",
    "description": "What a scan is that is no member's, or may be something else: of not_a_card and scan_ambiguous.",
    "properties": {
        "kind": {"type": "string", "enum": [kind.value for kind in Kind if kind not in NAMELESS]},
        "value": {"type": "string", "description": "Its one spelling: a GTIN of 14 digits, a phone number as E.164."},
        "symbology": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "form": {"type": "string"},
        "readings": {"type": "array", "items": {"$ref": "#/components/schemas/Read"}},
    },
    "required": ["kind"],
}
_STATUSES = {
    "200": "The answer; the same bytes for a retry.",
    "400": "bad_request: the field is named.",
    "401": "No token, or another one.",
    "409": "key_reused: the idempotency key came with another request before.",
    "422": "Any other refusal.",
    "500": "The till's program failed; ask /v1/status for the outcome.",
    "503": "The book cannot be used; when it cannot be written to, nothing was recorded.",
}


def document(listed: Sequence[Endpoint]) -> dict[str, Any]:
    """Describe the API."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in listed:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    bodies = [endpoint.body for endpoint in listed if endpoint.body is not None]
    components = {shape.name: shape.component() for body in bodies for shape in shapes_in(body)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Loyaltill local API", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Refusal": _REFUSAL, "Read": _READ},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": endpoint.body.schema()}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    text = {"type": "string"}
    in_path = [part.strip("{}") for part in endpoint.path.split("/") if part.startswith("{")]
    listed = [{"name": name, "in": "path", "required": True, "schema": text} for name in in_path]
    if endpoint.keyed:
        key = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}
        listed.append({"name": KEY_HEADER, "in": "header", "required": True, "schema": key})
    listed += [{"name": name, "in": "query", "required": False, "schema": text} for name in endpoint.query]
    return listed


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    used = {"200", "400", "401", *({"422", "503"} if endpoint.body is not None else ())}
    used |= {"409"} if endpoint.keyed else set()
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    anything = {"application/json": {"schema": {"type": "object"}}}
    contents = {"200": anything, "400": refusal, "409": refusal, "422": refusal, "503": anything}
    return {
        status: {"description": _STATUSES[status], **({"content": contents[status]} if status in contents else {})}
        for status in sorted(used)
    }
