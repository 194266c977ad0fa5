"""The views that people keep: one name once a person and page, so many at most, deleted by their owner alone."""

import datetime as dt

import pytest

from kit import actions as kit_actions
from kit.models import AuditRow, SavedView

pytestmark = pytest.mark.django_db


def test_a_view_is_kept_once_a_name(noon: dt.datetime) -> None:
    """Another person or page may use the name again; a refused one leaves nothing, not even in the audit log."""
    kit_actions.save_view(page="members", name="Gold", query="tier=gold", at=noon, actor="staff:1")
    kit_actions.save_view(page="members", name="Gold", query="tier=gold", at=noon, actor="staff:2")
    kit_actions.save_view(page="audit", name="Gold", query="who=x", at=noon, actor="staff:1")
    with pytest.raises(kit_actions.ViewNameTaken, match="exists already"):
        kit_actions.save_view(page="members", name="Gold", query="tier=silver", at=noon, actor="staff:1")
    assert SavedView.objects.count() == AuditRow.objects.count() == 3
    assert SavedView.objects.get(owner="staff:1", page="members").query == "tier=gold"


def test_there_is_room_for_so_many(noon: dt.datetime) -> None:
    """One more is refused and nothing is kept."""
    for index in range(kit_actions.VIEWS_MAX):
        kit_actions.save_view(page="members", name=f"View {index}", query="q=a", at=noon, actor="staff:1")
    with pytest.raises(kit_actions.TooManyViews, match="Delete one"):
        kit_actions.save_view(page="members", name="One more", query="q=a", at=noon, actor="staff:1")
    assert SavedView.objects.count() == kit_actions.VIEWS_MAX


def test_only_its_owner_deletes_a_view(noon: dt.datetime) -> None:
    """A second press changes nothing; both deeds stand in the audit log."""
    view = kit_actions.save_view(page="members", name="Gold", query="tier=gold", at=noon, actor="staff:1")
    assert kit_actions.forget_view(view_id=view.id, at=noon, actor="staff:2") == "" and SavedView.objects.exists()
    assert kit_actions.forget_view(view_id=view.id, at=noon, actor="staff:1") == "Gold"
    assert kit_actions.forget_view(view_id=view.id, at=noon, actor="staff:1") == ""
    deeds = AuditRow.objects.order_by("id").values_list("deed", "was", "becomes")
    assert list(deeds) == [("view.saved", None, {"Gold": "tier=gold"}), ("view.deleted", {"Gold": "tier=gold"}, None)]
