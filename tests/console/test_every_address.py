"""Every address of the console for every role: who may see it, who may send to it, and nobody else changes a thing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, reverse

from members import actions as members_actions
from membership_site.console import urls

from .conftest import PASSWORD, Join

pytestmark = pytest.mark.django_db

ALL = {"operator", "agent", "auditor", "finance", "campaign_author", "approver", "integrator", "admin"}
STEWARDS = {"operator", "admin"}
DESK = {"operator", "agent", "admin"}
AUTHORS = {"operator", "campaign_author", "admin"}
MEMBERS = ALL - {"campaign_author", "integrator"}
CUSTOMERS = ALL - {"integrator"}

MAY: tuple[tuple[set[str], str], ...] = (
    (ALL, "overview own recovery_codes end_own_sessions end_own_session proof proof_csv"),
    (ALL, "tiers ladder ladder_version ladder_preview ladder_preview_csv ladder_draft"),
    (ALL, "rules rules_version rules_draft preview preview_csv"),
    (MEMBERS, "members stages member looked ahead order approvals message_again bookings parcels"),
    (MEMBERS - {"approver"}, "questions"),
    (CUSTOMERS, "benefits benefits_version benefits_draft goods rewards pools"),
    (CUSTOMERS, "coupons coupon_code coupon_batch coupon"),
    (CUSTOMERS, "segments segment_count segment campaigns campaign_settings campaign campaign_count"),
    (CUSTOMERS, "campaign_progress campaign_csv"),
    (CUSTOMERS, "messages template template_words template_look message_page outbox message dispatch"),
    (CUSTOMERS, "sending_rules suppressions message_fields topics"),
    (CUSTOMERS - {"agent"}, "reports report report_table"),
    ({"operator", "auditor", "finance", "integrator", "admin"}, "jobs"),
    ({"auditor", "finance", "admin"}, "audit audit_csv"),
    ({"operator", "finance", "admin"}, "export_members exports export_list"),
    ({"operator", "auditor", "integrator", "admin"}, "settings"),
    (DESK, "adjust adjust_effect write_off reinstate undo withdraw reveal extend_tier extend_effect"),
    (DESK, "tag_many tags notes note export_member export_file answer_booking answer_question"),
    (DESK, "ship ship_file packing_list parcel"),
    (DESK, "issue_coupon"),
    (DESK | {"campaign_author"}, "void_coupon save_view delete_view"),
    ({"operator", "finance", "approver", "admin"}, "decide answer_campaign_review"),
    (AUTHORS, "segment_new list_new segment_edit segment_change list_members list_errors segment_csv"),
    (AUTHORS, "new_campaign campaign_who_count campaign_preview campaign_tried ask_campaign_review"),
    (AUTHORS, "discard_campaign copy_campaign campaign_step campaign_says"),
    (AUTHORS, "template_new template_draft template_publish template_change template_trial topic_new topic_edit"),
    (STEWARDS, "begin_control_group end_control_group publish_windows start_campaign pause_campaign"),
    (STEWARDS, "resume_campaign cancel_campaign raise_budget resolve_message message_resolve dispatch_change"),
    (STEWARDS, "give_tier give_effect end_tier erase_member duplicates tell_apart merge unmerge stage_days"),
    (STEWARDS, "run_step approve falls_csv undo_nights"),
    (STEWARDS, "ladder_new ladder_start ladder_discard ladder_settings ladder_tier ladder_change"),
    (STEWARDS, "ladder_preview_start ladder_publish rules_start rules_discard rules_settings rules_publish"),
    (STEWARDS, "rules_rule rules_change start_preview"),
    (STEWARDS, "give_benefit benefits_start benefits_discard benefits_change benefits_benefit benefits_cell"),
    (STEWARDS, "benefits_publish goods_add goods_upload goods_end reward_new reward_edit reward_switch"),
    (STEWARDS, "reward_move reward_stock gift_new gift_edit gift_stock pool_new pool_edit pool_import"),
    (STEWARDS, "pool_errors new_coupon coupon_says resume_batch batch_csv archive_coupon coupon_draft"),
    (STEWARDS, "start_coupon_draft discard_coupon_draft publish_coupon make_codes give_list give_listed give_found"),
    (STEWARDS, "share_code"),
    ({"integrator", "admin"}, "keys revoke_key"),
    ({"admin"}, "people invite person person_roles person_switch person_link person_factor"),
)
"""Which roles an address is open to."""

MAY_SEND: tuple[tuple[set[str], str], ...] = ((STEWARDS, "sending_rules"),)
"""Which roles may send a form to an address that more may see."""

OWN_DOOR = {"login", "login_factor", "logout", "set_up", "accept", "factor", "confirm"}
"""Addresses of the log-in itself, which ask for no role."""

BEFORE_LOG_IN = {"login", "login_factor", "set_up", "accept", "logout"}
NOT_OURS = {"django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"}
GIVEN = {
    "StringConverter": "x",
    "SlugConverter": "x",
    "PathConverter": "x",
    "IntConverter": "7",
    "UUIDConverter": "00000000-0000-0000-0000-000000000001",
}
"""What stands in an address for each kind of part."""


def _by_name(table: tuple[tuple[set[str], str], ...]) -> dict[str, set[str]]:
    return {name: roles for roles, names in table for name in names.split()}


SEES, SENDS = _by_name(MAY), _by_name(MAY) | _by_name(MAY_SEND)


def addresses(number: str) -> Iterator[tuple[str, str]]:
    """Will yield (name, address) of all there is in the console, about a member where it is about one."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        words = {name: GIVEN[type(one).__name__] for name, one in pattern.pattern.converters.items()}
        yield str(pattern.name), reverse(f"console:{pattern.name}", kwargs=words | _member(words, number))


def _member(words: dict[str, str], number: str) -> dict[str, str]:
    return {"number": number} if words.get("number") == "x" else {}


def all_there_is() -> dict[str, str]:
    """Will return a digest of every table of ours."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - NOT_OURS)
    parts = [
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t"
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def answer_of(client: Client, method: str, path: str) -> Any:
    """Will send a request whose deeds, if it does any, are taken back."""
    with transaction.atomic():
        answer = getattr(client, method)(path)
        transaction.set_rollback(True)
    return answer


def test_every_address_is_in_the_table(join: Join) -> None:
    """Whoever adds one says here who may see it; what is gone is taken out."""
    assert {name for name, _path in addresses("M1")} == set(SEES) | OWN_DOOR
    assert set(_by_name(MAY_SEND)) <= set(SEES)


@pytest.mark.parametrize("role", [*sorted(ALL), ""])
def test_each_role_may_what_the_table_says_and_nothing_else(
    enter: Callable[[str], Client], join: Join, role: str
) -> None:
    """Seeing and sending; whoever may not is told who may, and not a row of the database is another."""
    number = join("ann").number
    client = enter(role)
    before, wrong = all_there_is(), []
    for name, path in addresses(number):
        if name in OWN_DOOR:
            continue
        for method, may in (("get", role in SEES[name]), ("post", role in SENDS[name])):
            answer = answer_of(client, method, path) if may else getattr(client, method)(path)
            refused = answer.status_code == 403
            if may and refused:
                wrong.append(f"{role} may not {method} {name}")
            elif not may and answer.status_code != 405 and not refused:
                wrong.append(f"{role or 'nobody'} may {method} {name}: {answer.status_code}")
            elif refused and not may and role and "Nothing was changed" not in answer.content.decode():
                wrong.append(f"{name} does not say that nothing was changed")
    assert not wrong, "\n".join(wrong)
    assert all_there_is() == before


def test_members_and_strangers_come_to_no_address(client: Client, join: Join, noon: Any) -> None:
    """A stranger is led to the log-in, by a form too; a member is told whose console it is."""
    ann = join("ann")
    account = members_actions.open_member_account(
        member_id=ann.id, email="ann@example.com", password=PASSWORD, at=noon, actor="test"
    )
    member = Client()
    member.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    before, wrong = all_there_is(), []
    for name, path in addresses(ann.number):
        if name in BEFORE_LOG_IN:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            led = answer.status_code == 302 and answer["Location"].startswith("/console/login/")
            if not led and answer.status_code != 405:
                wrong.append(f"a stranger may {method} {name}: {answer.status_code}")
            if getattr(member, method)(path).status_code not in (403, 405):
                wrong.append(f"a member may {method} {name}")
    assert not wrong, "\n".join(wrong)
    assert all_there_is() == before
