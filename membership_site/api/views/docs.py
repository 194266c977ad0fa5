"""The api's own description: OpenAPI for machines, and a page of it for people, drawn on the server."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from membership_site.api.problems import CODES
from membership_site.api.schemas.openapi import document


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body, an answer, a path or a query."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A body or an answer with its fields; those of objects inside it are named with a dot."""

    title: str
    words: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the api."""

    anchor: str
    method: str
    path: str
    scope: str
    title: str
    words: tuple[str, ...]
    parameters: tuple[Field, ...]
    example: str
    body: Shape | None
    answers: tuple[Shape, ...]


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """Will answer the OpenAPI document."""
    return HttpResponse(_text(), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Will show the document as a page."""
    problem = _shape(document(), {"$ref": "#/components/schemas/Problem"}, "")
    words = paragraphs(document()["info"]["description"])
    context = {"info": document()["info"], "words": words, "calls": calls(), "problem": problem, "codes": CODES.items()}
    return render(request, "api/docs.html", context)


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False)


@cache
def calls() -> tuple[Call, ...]:
    """Will read the calls from the OpenAPI document."""
    whole = document()
    return tuple(
        _call(whole, path, method, operation)
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
    )


def _call(whole: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Call:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = tuple(
        _shape(whole, content["application/json"]["schema"], str(status))
        for status, answer in operation["responses"].items()
        if "application/json" in (content := answer.get("content", {}))
    )
    return Call(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        scope=operation["x-scope"],
        title=operation["summary"],
        words=paragraphs(operation.get("description", "")),
        parameters=tuple(_parameter(whole, one) for one in operation.get("parameters", ())),
        example=_example(whole, body) if body else "",
        body=_shape(whole, body, "") if body else None,
        answers=answers,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Will split the document's words into paragraphs of plain text."""
    return tuple(" ".join(part.replace("`", "").split()) for part in text.split("\n\n"))


def _example(whole: dict[str, Any], body: dict[str, Any]) -> str:
    examples = _resolve(whole, body).get("examples", [])
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else ""


def _parameter(whole: dict[str, Any], one: dict[str, Any]) -> Field:
    kind = f"{one['in']}, {_kind(whole, one['schema'])}"
    return Field(one["name"], kind, bool(one.get("required")), one.get("description", ""))


def _shape(whole: dict[str, Any], schema: dict[str, Any], title: str) -> Shape:
    resolved = _resolve(whole, schema)
    return Shape(title, resolved.get("description", ""), tuple(_fields(whole, schema, "")))


def _fields(whole: dict[str, Any], schema: dict[str, Any], prefix: str) -> list[Field]:
    found: list[Field] = []
    for one in _objects(whole, schema):
        required = set(one.get("required", ()))
        for name, inner in one.get("properties", {}).items():
            spelt = f"{prefix}{name}"
            found.append(Field(spelt, _kind(whole, inner), name in required, _words(whole, inner)))
            is_list = inner.get("type") == "array"
            deeper = inner["items"] if is_list else inner
            found += _fields(whole, deeper, f"{spelt}[]." if is_list else f"{spelt}.")
    return found


def _objects(whole: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Will return the objects a schema may be: itself, what it refers to, or each of several."""
    schema = _resolve(whole, schema)
    if schema.get("type") == "array":
        return _objects(whole, schema["items"])
    if "anyOf" in schema:
        return [one for choice in schema["anyOf"] for one in _objects(whole, choice)]
    return [schema] if schema.get("type") == "object" else []


def _resolve(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return whole["components"]["schemas"][name] if name else schema


def _words(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    """A field of its own words needs no others; one that is an object has those of the object."""
    choices = [schema, *schema.get("anyOf", ())]
    return next((words for one in choices if (words := _resolve(whole, one).get("description"))), "")


def _kind(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    """Will say in a few words what a value is: text, whole number, list of objects, one of ..."""
    schema = _resolve(whole, schema)
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(whole, choice) for choice in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_kind(whole, schema['items'])}"
    formats = {"date-time": "instant (RFC 3339)", "date": "date"}
    names = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "null": "null",
    }
    return formats.get(schema.get("format", "")) or names.get(str(schema.get("type")), "object")
