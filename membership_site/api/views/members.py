"""The api's calls about members: one joins, one is looked up."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kit import clock
from members import queries as members_queries
from members.enums import IdentityKind
from members.queries import MemberKey
from members.rules import BadIdentity, IdentityValue, MemberReference, phone_identity
from membership_site.api import pages
from membership_site.api.authentication import actor_of, needs
from membership_site.api.idempotency import once
from membership_site.api.problems import refused_field
from membership_site.api.schemas import answers, bodies, fields
from membership_site.flows import member_joined

router = Router(tags=["Members"])


@router.post("", **needs("members:write"), response={201: answers.MemberAnswer}, summary="Register a member")
def register_member(request: HttpRequest, person: bodies.NewMemberBody) -> HttpResponse:
    """Registers a member, active at once, with the sign-up reward and whatever was waiting for him.

    An identity that is known already is a 409 with the number of its member.
    """
    at, actor = clock.now(), actor_of(request)

    def deed() -> HttpResponse:
        member = member_joined.register(new=person.new_member(), at=at, actor=actor)
        with pages.in_language_of(request, member.number):
            key = members_queries.get_member(member.number)
            return answers.reply(201, pages.member_answer(key, at))

    return once(request, deed)


@router.get("/{number}", **needs("members:read"), response=answers.MemberAnswer, summary="Get a member")
def get_member(request: HttpRequest, number: fields.MemberNumber) -> HttpResponse:
    """Gets a member by the number on the card: tier, balance, growth value."""
    with pages.in_language_of(request, number):
        return answers.reply(200, pages.member_answer(members_queries.get_member(number), clock.now()))


@router.get("", **needs("members:read"), response=list[answers.MemberAnswer], summary="Look a member up")
def find_members(
    request: HttpRequest,
    email: Annotated[fields.Email | None, Query()] = None,
    phone: Annotated[str | None, Query(max_length=40)] = None,
    source: Annotated[fields.Source | None, Query()] = None,
    external_id: Annotated[fields.ExternalId | None, Query()] = None,
) -> HttpResponse:
    """Looks a member up by exactly one of email, phone, and external_id with its source: a list of nought or one."""
    stated = [name for name, value in (("email", email), ("phone", phone), ("external_id", external_id)) if value]
    if len(stated) != 1:
        raise refused_field("email", "member", "Ask by exactly one of email, phone and external_id.")
    try:
        found = _find(email, phone, source, external_id)
    except BadIdentity as error:
        raise refused_field("phone", "identity", str(error)) from error
    if found is None:
        return answers.reply(200, [])
    with pages.in_language_of(request, found.number):
        return answers.reply(200, [pages.member_answer(found, clock.now())])


def _find(email: str | None, phone: str | None, source: str | None, external_id: str | None) -> MemberKey | None:
    if email:
        return members_queries.find_by_identity(IdentityValue(IdentityKind.EMAIL, email))
    if phone:
        # A plus in an address that was not encoded arrives as a space.
        spelt = phone_identity("+" + phone[1:] if phone.startswith(" ") else phone)
        return members_queries.find_by_identity(spelt)
    if source and external_id:
        return members_queries.find_by_identity(IdentityValue(IdentityKind.EXTERNAL, external_id, source))
    return members_queries.find_member(MemberReference(external_id=external_id or ""))
