"""Messages that wait for what they tell of, and words that are put in force at a launch."""

import datetime as dt

import pytest

from members.models import Member
from messaging import actions as messaging_actions
from messaging.enums import DispatchState, MessageState, Reason
from messaging.models import Dispatch, Message, TemplateVersion
from tests.campaigns.cast import words
from tests.conftest import NOON, enrol

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

LATER = NOON + dt.timedelta(hours=1)


@pytest.fixture
def dispatch(db: None) -> int:
    """A dispatch with a message to Ann and one to Bob by inbox and e-mail, all waiting."""
    opened = messaging_actions.open_dispatch(name="Gifts", at=NOON, actor="test")
    version = TemplateVersion.objects.get(template=words())
    for member in (enrol("ann"), enrol("bob")):
        for channel in ("inbox", "email"):
            Message.objects.create(
                member=member,
                channel=channel,
                source_key="gift:1",
                dispatch_id=opened,
                template_version=version,
                purpose="marketing",
                topic="offers",
                state=MessageState.WAITING,
                due_at=NOON,
                values={"own": 1},
            )
    return opened


def test_what_waited_goes_with_what_is_known_now_and_only_once(dispatch: int) -> None:
    ann, bob = Member.objects.order_by("id")
    released = [messaging_actions.Released(ann.id, "gift:1", {"points_given": 5})]
    for times in (2, 0):
        found = messaging_actions.release_waiting(dispatch_id=dispatch, released=released, at=LATER, actor="test")
        assert found == times
    for one in Message.objects.filter(member=ann):
        assert (one.state, one.values, one.due_at) == (MessageState.QUEUED, {"own": 1, "points_given": 5}, LATER)
    assert set(Message.objects.filter(member=bob).values_list("state", "due_at")) == {(MessageState.WAITING, NOON)}


def test_another_key_and_another_dispatch_are_left(dispatch: int) -> None:
    ann = Member.objects.earliest("id")
    other = messaging_actions.open_dispatch(name="Other", at=NOON, actor="test")
    for number, key in ((dispatch, "gift:2"), (other, "gift:1")):
        released = [messaging_actions.Released(ann.id, key)]
        assert not messaging_actions.release_waiting(dispatch_id=number, released=released, at=NOON, actor="test")


def test_what_waits_in_vain_is_skipped_for_a_reason(dispatch: int) -> None:
    ann, bob = Member.objects.order_by("id")
    skipped = messaging_actions.skip_waiting(
        dispatch_id=dispatch,
        skipped=[(bob.id, "gift:1")],
        reason=Reason.NOT_ELIGIBLE,
        detail="late",
        at=NOON,
        actor="test",
    )
    assert skipped == 2
    assert set(Message.objects.filter(member=bob).values_list("state", "reason", "detail")) == {
        ("skipped", "not_eligible", "late")
    }
    assert not Message.objects.filter(member=ann).exclude(state=MessageState.WAITING).exists()


def test_a_dispatch_that_was_through_is_opened_again_and_others_are_left() -> None:
    through, over = (messaging_actions.open_dispatch(name=name, at=NOON, actor="test") for name in ("a", "b"))
    Dispatch.objects.filter(id=through).update(state=DispatchState.FINISHED)
    Dispatch.objects.filter(id=over).update(state=DispatchState.CANCELLED)
    for dispatch_id in (through, over):
        messaging_actions.carry_on(dispatch_id=dispatch_id, at=NOON, actor="test")
    assert Dispatch.objects.get(id=through).state == DispatchState.RUNNING
    assert Dispatch.objects.get(id=over).state == DispatchState.CANCELLED


def test_the_latest_words_are_put_in_force() -> None:
    template = words()
    [version] = TemplateVersion.objects.filter(template=template)
    assert messaging_actions.publish_latest(template_id=template.id, at=NOON, actor="test") == version.id
    assert messaging_actions.publish_latest(template_id=0, at=NOON, actor="test") is None


def test_a_draft_that_is_not_ready_is_not_put_in_force() -> None:
    template = words()
    draft = TemplateVersion.objects.create(template=template, number=2, content={}, actor="test")
    assert messaging_actions.publish_latest(template_id=template.id, at=NOON, actor="test") is None
    draft.refresh_from_db()
    assert draft.published_at is None
