"""The api's call about what a member is entitled to: benefits that can be used now, and what an article is to him."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kit import clock
from members import queries as members_queries
from membership_site.api import pages
from membership_site.api.authentication import needs
from membership_site.api.schemas import answers, fields

router = Router(tags=["Members"])


@router.get(
    "/{number}/entitlements",
    **needs("members:read"),
    response=list[answers.EntitlementAnswer],
    summary="List what a member is entitled to now",
)
def list_entitlements(
    request: HttpRequest,
    number: fields.MemberNumber,
    sku: Annotated[fields.Word | None, Query(description="Only what concerns this article.")] = None,
) -> HttpResponse:
    """Lists the benefits that a member can use now, in the order in which members see them.

    `quota_left` is null where there is no limit, `until` the last date on which it is sure. With `sku`: the members'
    price of the article, whether he may buy it where it is for members only, and when it opens to him.
    """
    member = members_queries.get_member(number)
    return answers.reply(200, pages.entitlement_answers(member.id, sku=sku or "", at=clock.now()))
