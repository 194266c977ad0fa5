"""The api's OpenAPI document: what ninja knows of the calls, with problems, idempotency and the base address added."""

from functools import cache
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation

from membership_site.api.authentication import ONLY_READS
from membership_site.api.idempotency import HEADER, KEY_LENGTH_MAX
from membership_site.api.problems import CONTENT_TYPE, TITLES, Refusal, refusal_of
from membership_site.api.problems import answer as problem
from membership_site.api.schemas.answers import Problem
from membership_site.api.schemas.reading import StrictParser

VERSION = "1.0.0"

DESCRIPTION = """Members, orders, refunds, events and the statement of a membership programme.

Send `Authorization: Bearer KEY`. Bodies and answers are JSON in UTF-8. Money is text such as "120.50" (numbers are
taken too, and kept exactly), points are whole numbers, instants are RFC 3339 with an offset.

A POST that writes needs the header `Idempotency-Key`: the same key with the same body gives the first answer again,
with another body it is refused (422), while the first call is still running it is a 409. A PUT states the full state
and may be repeated as it is; it takes the header too.

Every error is `application/problem+json` with `type`, `title`, `status`, `detail`, `code`, and `errors` by field.
`code` is stable. What is refused did nothing."""

REFUSALS = (400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429, 500, 503)
REFUSALS_OF_READING = (401, 403, 404, 405, 422, 500, 503)


class Api(NinjaAPI):
    """ninja's api, with our problems for its errors and our names for its operations."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Will answer whatever a call raises as a problem."""
        if isinstance(exc, ValidationError) and request.method in ("POST", "PUT") and not request.body:
            # ninja does not ask the parser about an empty body, and would only call it missing.
            exc = _empty(request)
        return problem(refusal_of(exc, request))

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Will return an operation's name, which clients made from the document carry."""
        name: str = operation.view_func.__name__
        return name


def _empty(request: HttpRequest) -> Refusal:
    if "chunked" in request.headers.get("Transfer-Encoding", ""):
        return Refusal(411, "length_required", "Send the body with Content-Length, not in chunks. Nothing was done.")
    return Refusal(400, "bad_json", "The body is empty. Nothing was done.")


api = Api(
    title="Membership API",
    version=VERSION,
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    urls_namespace="calls",
)


@cache
def document() -> dict[str, Any]:
    """Will return the whole document; it is the same for everybody."""
    import_module("membership_site.api.urls")  # adds the calls
    whole: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    whole["components"]["schemas"].update(problem.pop("$defs", {}))
    whole["components"]["schemas"]["Problem"] = problem
    for path in whole["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    return whole


def _complete(method: str, operation: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    for status in REFUSALS_OF_READING if method == "get" else REFUSALS:
        operation["responses"][status] = {
            "description": TITLES[status],
            "content": {CONTENT_TYPE: {"schema": schema}},
        }
    if method == "get" or operation.get(ONLY_READS):
        return
    operation.setdefault("parameters", []).append(
        {
            "in": "header",
            "name": HEADER,
            "required": method == "post",
            "description": "A text of your own for this deed, the same one when it is tried again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": r"^[!-~]+$"},
        }
    )
