"""Matrices written short: rows, a version published, members raised to a tier, and the night."""

import datetime as dt
from typing import Any

from benefits import actions as benefits_actions
from benefits import jobs as benefits_jobs
from benefits.models import BenefitVersion, Coupon, Entitlement
from kit.jobs import Night
from members.models import Member
from members.rules import MemberReference
from membership_site.flows import starter
from tests.conftest import NOON
from tests.flows.shop import place

NOTE = {"en": "New benefits.", "zh-hans": "权益更新。", "zh-hant": "禮遇更新。"}
SPENT = {"silver": "1000", "gold": "5000", "diamond": "15000"}
DEED: dict[str, Any] = {"at": NOON, "actor": "staff:1"}
ALL = ("member", "silver", "gold", "diamond")


def row(code: str, kind: str, cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Will write a row of the matrix."""
    return {"code": code, "kind": kind, "names": dict.fromkeys(NOTE, code), "cells": cells, **more}


def publish(*rows: dict[str, Any], on: dt.date = dt.date(2026, 3, 3), alone: bool = False) -> int:
    """Will publish rows beside those of the starter, or `alone`, straight into the database; returns the version."""
    kept = [] if alone else starter.MATRIX_TERMS["benefits"]
    number = BenefitVersion.objects.count() + 1
    terms = {"benefits": [*kept, *rows]}
    version = BenefitVersion.objects.create(
        number=number, effective_on=on, terms=terms, published_at=NOON, actor="staff:1"
    )
    return version.id


def raised(member: Member, tier: str, at: dt.datetime = NOON) -> Member:
    """Will let a member spend what a tier asks."""
    place(f"{member.number}-{tier}", [SPENT[tier]], at, who=MemberReference(number=member.number))
    return member


def night(date: dt.date, slice_only: bool = False) -> dict[str, int]:
    """Will give what the night of a date gives; returns what it counted."""
    counted: dict[str, int] = {}
    for chunk in benefits_jobs.grant_benefits(Night(date, slice_only), 0):
        for name, number in chunk.detail.items():
            counted[name] = counted.get(name, 0) + number
    return counted


def given(**who: Any) -> list[tuple[Any, ...]]:
    """Will list entitlements without when they were written: member, benefit, period, tier, terms, dates, quota."""
    rows = Entitlement.objects.filter(**who).order_by("member_id", "benefit", "period")
    names = ("member_id", "benefit", "period", "tier", "terms", "starts_at", "ends_at", "quota", "granted_at", "actor")
    return [tuple(str(value) for value in found) for found in rows.values_list(*names)]


def coupons(**who: Any) -> list[tuple[Any, ...]]:
    """Will list coupons without their codes."""
    rows = Coupon.objects.filter(**who).order_by("member_id", "source_key")
    names = (
        "member_id", "source_key", "definition__code", "entitlement__period", "issued_at", "starts_at", "ends_at",
        "uses_max",
    )  # fmt: skip
    return list(rows.values_list(*names))


def use(member_id: int, benefit: str, at: dt.datetime = NOON) -> Any:
    """Will use a benefit once."""
    return benefits_actions.use(member_id=member_id, benefit=benefit, at=at, actor="test")
