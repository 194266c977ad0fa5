"""The proof sheet: opening, what each month moved, closing; what the last proof said and what the last night sealed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kit import clock, dates
from kit.enums import RunState
from kit.models import JobRun
from membership_site import formats
from membership_site.console.pages.jobs import PROOF, STATES
from membership_site.console.pages.words import State
from points import queries as points_queries
from points.enums import EntryKind, Wallet
from points.queries import Sheet, SheetMonth

MONTHS = (12, 24, 60)

LINES: dict[EntryKind, str | Promise] = {
    EntryKind.ACCRUAL: gettext_lazy("Earned"),
    EntryKind.REDEMPTION: gettext_lazy("Spent"),
    EntryKind.EXPIRY: gettext_lazy("Expired"),
    EntryKind.REVERSAL: gettext_lazy("Taken back"),
    EntryKind.RESTORATION: gettext_lazy("Restored"),
    EntryKind.ADJUSTMENT: gettext_lazy("Adjusted"),
    EntryKind.TRANSFER: gettext_lazy("Transferred"),
    EntryKind.REINSTATEMENT: gettext_lazy("Reinstated"),
    EntryKind.WRITE_OFF: gettext_lazy("Written off"),
}
"""The lines of the sheet, each a kind of entry, in the order of a month's life."""

WALLETS = {Wallet.POINTS: gettext_lazy("Points"), Wallet.GROWTH: gettext_lazy("Growth value")}


@dataclass(frozen=True)
class Choice:
    """A switch of the page: its words, its address, and whether it is on."""

    words: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Row:
    """A month as the table shows it; `lines` stand below the heads of the page."""

    month: str
    opening: int
    lines: tuple[int, ...]
    closing: int
    entries: int
    check: State


@dataclass(frozen=True)
class ProofPage:
    """The page as the template shows it."""

    wallets: tuple[Choice, ...]
    spans: tuple[Choice, ...]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    verdict: State
    sentence: str
    last_proof: str
    last_seal: str
    root: str
    csv_query: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    wallet: Wallet
    months: int

    @classmethod
    def read(cls, wallet: str, months: str) -> "Asked":
        """Will read an address; what is not offered is points and a year."""
        return cls(
            next((one for one in Wallet if one == wallet), Wallet.POINTS),
            next((span for span in MONTHS if str(span) == months), MONTHS[0]),
        )

    @property
    def query(self) -> str:
        """The address that asks for it."""
        return f"wallet={self.wallet}&months={self.months}"


def proof_page(asked: Asked, at: dt.datetime) -> ProofPage:
    """Will assemble the page. Three queries, of which one reads the whole ledger."""
    sheet = sheet_asked(asked, at)
    shown = [kind for kind in LINES if any(month.lines.get(kind) for month in sheet.months)]
    nights = points_queries.list_nights(limit=1)
    return ProofPage(
        wallets=tuple(
            Choice(str(words), Asked(wallet, asked.months).query, wallet == asked.wallet)
            for wallet, words in WALLETS.items()
        ),
        spans=tuple(Choice(_months(span), Asked(asked.wallet, span).query, span == asked.months) for span in MONTHS),
        heads=tuple(str(LINES[kind]) for kind in shown),
        rows=tuple(_row(month, shown) for month in reversed(sheet.months)),
        verdict=_verdict(sheet.is_even),
        sentence=_sentence(sheet),
        last_proof=_last_proof(),
        last_seal=_last_seal(nights[0]) if nights else _("No night has sealed entries yet."),
        root=nights[0].root.hex() if nights else "",
        csv_query=asked.query,
    )


def sheet_asked(asked: Asked, at: dt.datetime) -> Sheet:
    """Will return the sheet of a wallet for so many months up to this one. One query."""
    today = clock.business_date(at)
    first = dates.add_months(today.replace(day=1), 1 - asked.months)
    return points_queries.proof_sheets(first, today)[asked.wallet]


def sheet_table(sheet: Sheet) -> Iterator[list[object]]:
    """Will yield the sheet as rows for finance, heads first: every kind of entry has its column, filled or not."""
    yield ["month", "opening", *LINES, "closing", "entries", "lots_moved", "debt_moved", "equal"]
    for month in sheet.months:
        lines = [month.lines.get(kind, 0) for kind in LINES]
        moved = [month.entries, month.lots, month.debt, "yes" if month.is_even else "no"]
        yield [f"{month.first:%Y-%m}", month.opening, *lines, month.closing, *moved]


# ---- leaves


def _row(month: SheetMonth, shown: list[EntryKind]) -> Row:
    return Row(
        month=formats.cal(month.first, "yMMMM"),
        opening=month.opening,
        lines=tuple(month.lines.get(kind, 0) for kind in shown),
        closing=month.closing,
        entries=month.entries,
        check=_verdict(month.is_even),
    )


def _verdict(is_even: bool) -> State:
    return State(_("Equal"), "good") if is_even else State(_("Differs"), "bad")


def _sentence(sheet: Sheet) -> str:
    words = {
        "closing": formats.num(sheet.closing),
        "lots": formats.num(sheet.lots),
        "debt": formats.num(sheet.debt),
        "held": formats.num(sheet.lots - sheet.debt),
    }
    if sheet.is_even:
        return (
            _("The sheet closes with %(closing)s. The members’ balances hold %(lots)s and owe %(debt)s: %(held)s.")
            % words
        )
    return _(
        "The sheet closes with %(closing)s, but the members’ balances hold %(lots)s and owe %(debt)s: %(held)s; or a "
        "month’s lines did something else to lots and debts. Run “manage.py verify” to see which member."
    ) % words  # fmt: skip


def _months(span: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", span) % {"n": formats.num(span)}


def _last_proof() -> str:
    """Will say how the last proof came out. One query."""
    run = JobRun.objects.filter(step=PROOF).exclude(state=RunState.RUNNING).order_by("-business_date").first()
    if run is None:
        return _("The books have not been proved by a night yet.")
    words, _tone, _icon = STATES[RunState(run.state)]
    claims = int(run.detail.get("claims", 0))
    facts = {"date": formats.cal(run.business_date), "state": str(words), "n": formats.num(claims)}
    return (
        ngettext(
            "Night of %(date)s: %(state)s, %(n)s claim proved.",
            "Night of %(date)s: %(state)s, %(n)s claims proved.",
            claims,
        )
        % facts
    )


def _last_seal(night: points_queries.SealedNight) -> str:
    facts = {
        "date": formats.cal(night.sealed_on),
        "n": formats.num(night.entries),
        "members": formats.num(night.members),
    }
    return (
        ngettext(
            "Night of %(date)s: %(n)s new entry sealed under one root (members: %(members)s).",
            "Night of %(date)s: %(n)s new entries sealed under one root (members: %(members)s).",
            night.entries,
        )
        % facts
    )
