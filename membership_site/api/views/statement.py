"""The api's call about a member's statement: the ledger's entries with how they came about."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic_core import PydanticCustomError

from kit import clock
from members import queries as members_queries
from membership_site.api import pages
from membership_site.api.authentication import needs
from membership_site.api.problems import refused_field
from membership_site.api.schemas import answers, fields

router = Router(tags=["Members"])

LIMIT_MAX = 200


@router.get(
    "/{number}/statement",
    **needs("statement:read"),
    response=answers.StatementAnswer,
    summary="Get a member's statement",
)
def get_statement(
    request: HttpRequest,
    number: fields.MemberNumber,
    cursor: Annotated[str, Query(max_length=200, description="next_cursor of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    as_of: Annotated[
        str, Query(max_length=40, description="An instant, or a date for its end: what was known then.")
    ] = "",
) -> HttpResponse:
    """Lists what happened to a member's points and growth value, newest first, each entry explained."""
    member = members_queries.get_member(number)
    try:
        past = fields.as_of(as_of) if as_of else None
    except PydanticCustomError as error:
        raise refused_field("as_of", error.type, error.message()) from error
    with pages.in_language_of(request, member.number):
        page = pages.statement_answer(member.id, cursor=cursor, as_of=past, limit=limit, at=clock.now())
    return answers.reply(200, page)
