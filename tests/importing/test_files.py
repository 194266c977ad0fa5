"""Files: sniffed, checked, counted; bad rows come back to be mended, and nothing is half done."""

import csv
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from kit import clock
from kit.files import UnreadableFile, open_table
from members.models import Identity, Member, Tag
from members.rules import MemberReference
from membership_site.flows import order_paid
from membership_site.flows.importing import run
from membership_site.flows.starter import POINTS_TERMS
from orders.enums import OrderStatus
from orders.models import Order, Refund, ShopEvent
from orders.rules import LineStatement, OrderStatement
from points import queries as points_queries
from points.models import Entry, PolicyVersion
from tiers import queries as tiers_queries

ORDERS = (
    "order_id,placed_at,member,line_id,sku,name,category,brand,quantity,unit_price,discount,shipping,currency,status\n"
)
MEMBERS = "external_id,email,phone,name,birthday,gender,region,language,joined_at,tags\n"


def order_row(number="1", at="2026-01-05T10:00:00+08:00", member="c1", line="1", quantity="1", price="10", **other):
    """A row of an orders file."""
    cells = {
        "sku": "",
        "name": "",
        "category": "",
        "brand": "",
        "discount": "",
        "shipping": "",
        "currency": "",
        "status": "paid",
    }
    cells |= other
    row = [number, at, member, line, cells["sku"], cells["name"], cells["category"], cells["brand"], quantity, price]
    return ",".join([*row, cells["discount"], cells["shipping"], cells["currency"], cells["status"]]) + "\n"


@pytest.fixture
def bring(tmp_path, programme, capsys):
    """Imports a text as a file: bring("orders", text) returns the last line, and the error file's rows."""

    def run(kind, text, *options, encoding="utf-8"):
        path, errors = tmp_path / f"{kind}.csv", tmp_path / "errors.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        call_command(f"import_{kind}", str(path), "--errors", str(errors), *options)
        with errors.open(encoding="utf-8", newline="") as stream:
            return capsys.readouterr().out.splitlines()[-1], list(csv.DictReader(stream))

    return run


PAID = ORDERS.strip() + ",points_paid\n"


def paid_row(points, **cells):
    """A row of an orders file that says how many points paid for the order."""
    return f"{order_row(**cells).strip()},{points}\n"


@pytest.mark.django_db
def test_an_order_paid_with_points_earns_as_the_basis_says(bring, noon):
    """The first row of the order says how many; the same as told live; without the column nothing was paid so."""
    terms = {**POINTS_TERMS, "basis": {"points_paid": False}}
    PolicyVersion.objects.create(number=2, effective_on=dt.date(2026, 1, 1), terms=terms, published_at=noon)
    members = MEMBERS + "c1,,,Ann,,,,,2025-12-01,\nc2,,,Bob,,,,,2025-12-01,\n"
    bring("members", members)
    text = paid_row("3000", price="80") + paid_row("", line="2", price="20")
    counts, errors = bring("orders", PAID + text + paid_row("0", number="2", price="50"))
    assert counts == "rows=3 new=3 changed=0 same=0 parked=0 bad=0" and not errors
    first = Order.objects.get(order_id="1")
    assert first.points_paid == 3000 and first.lines.get(line_id="1").attributes == {}
    earned = {
        key: sum(
            Entry.objects.filter(wallet="points", source_key__contains=f":{key}:").values_list("points", flat=True)
        )
        for key in "12"
    }
    assert earned == {"1": 70, "2": 50}, "3,000 points paid 30 of the 100"
    live = order_paid.take_order(
        statement=OrderStatement(
            "file", "9", OrderStatus.PAID, noon, noon, settings.PROGRAMME_CURRENCY,
            (LineStatement("1", 1, Decimal(80)), LineStatement("2", 1, Decimal(20))), points_paid=3000,
        ),
        reference=MemberReference(external_id="c2"), at=noon, actor="test",
    )  # fmt: skip
    assert live.points == 70
    assert bring("orders", PAID + text)[0] == "rows=2 new=0 changed=0 same=2 parked=0 bad=0"


@pytest.mark.django_db
def test_a_file_of_orders_needs_its_required_columns_alone(bring):
    bring("members", MEMBERS + "c1,,,Ann,,,,,2025-12-01,\n")
    least = "order_id,placed_at,member,line_id,quantity,unit_price\n1,2026-01-05T10:00:00+08:00,c1,1,2,10.50\n"
    assert bring("orders", least) == ("rows=1 new=1 changed=0 same=0 parked=0 bad=0", [])
    order = Order.objects.get()
    assert (order.basis, order.shipping, order.points_paid, order.status) == (Decimal(21), 0, 0, "paid")


@pytest.mark.django_db
@pytest.mark.parametrize("points", ["-1", "1.5", "many", str(2**31)])
def test_points_that_paid_are_whole(bring, points):
    counts, errors = bring("orders", PAID + paid_row(points))
    assert counts.endswith("bad=1") and errors[0]["error_code"] in ("points_paid", "amount")
    assert "points_paid" in errors[0]["error"] and not Order.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_sniffed(bring, encoding, delimiter):
    text = (MEMBERS + "c1,ann@example.com,,王美玲,1990-02-28,female,上海,zh-hans,,vip\n").replace(",", delimiter)
    counts, errors = bring("members", text, encoding=encoding)
    assert counts == "rows=1 new=1 changed=0 same=0 parked=0 bad=0"
    assert Member.objects.get().name == "王美玲" and Member.objects.get().region == "上海" and not errors


@pytest.mark.django_db
def test_one_broken_byte_is_one_bad_row(bring):
    good = "c1,ann@example.com,,王美玲,,,,,,\n".encode()
    counts, errors = bring(
        "members", MEMBERS.encode() + good + b"c2,,,\xff\xfe,,,,,,\n" + good.replace(b"c1,ann", b"c3,cat")
    )
    assert counts == "rows=3 new=2 changed=0 same=0 parked=0 bad=1"
    assert [row["error_code"] for row in errors] == ["encoding"]


@pytest.mark.django_db
def test_members_are_new_changed_and_same(bring):
    first = MEMBERS + "c1,Ann@Example.com,+86 139 0000 0001,Ann,1990-02-28,,,en,2026-01-01,a;b\n"
    assert bring("members", first)[0] == "rows=1 new=1 changed=0 same=0 parked=0 bad=0"
    assert bring("members", first)[0] == "rows=1 new=0 changed=0 same=1 parked=0 bad=0"
    more = MEMBERS.replace("tags", "tags,shoe_size") + "c1,,,Ann Berg,,,,,,b;c,38\n"
    assert bring("members", more)[0] == "rows=1 new=0 changed=1 same=0 parked=0 bad=0"
    member = Member.objects.get()
    assert (member.name, member.attributes) == ("Ann Berg", {"shoe_size": "38"})
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["a", "b", "c"]
    assert sorted(Identity.objects.values_list("value", flat=True)) == ["+8613900000001", "ann@example.com", "c1"]
    assert points_queries.list_statement(member.id) == []
    rewarded = MEMBERS + "c2,,,Bob,,,,,2026-01-01T12:00:00Z,\n"
    bring("members", rewarded, "--sign-up-reward")
    bob = Member.objects.get(name="Bob")
    assert [row.points for row in points_queries.list_statement(bob.id)] == [100]


@pytest.mark.django_db
def test_bad_member_rows_say_why_and_can_be_mended(bring, tmp_path):
    text = MEMBERS + (
        ",,,Nobody,,,,,,\n"
        "c1,not-an-address,,A,,,,,,\n"
        "c2,,12,B,,,,,,\n"
        "c3,,,C,1990-02-30,,,,,\n"
        "c4,,,D,,,,,yesterday,\n"
        "c5,,+8613900000005,E,,,,,,\n"
        "c6,c6@example.com,,F,,,,,\n"
    )
    counts, errors = bring("members", text)
    assert counts == "rows=7 new=1 changed=0 same=0 parked=0 bad=6"
    assert [row["error_code"] for row in errors] == ["missing", "identity", "identity", "date", "time", "columns"]
    assert errors[1]["email"] == "not-an-address" and all(row["error"] for row in errors)
    mended = (tmp_path / "errors.csv").read_text().replace("not-an-address", "a@example.com")
    assert bring("members", mended)[0] == "rows=6 new=2 changed=0 same=0 parked=0 bad=4"


@pytest.mark.django_db
def test_a_guarded_cell_comes_back_as_it_was(bring, tmp_path):
    text = MEMBERS + "c1,bad,+8613900000001,=1+1,,,,,,\n"
    bring("members", text)
    written = (tmp_path / "errors.csv").read_text()
    assert "'=1+1" in written and "'+8613900000001" in written
    bring("members", written.replace("bad,", "a@example.com,", 1))
    member = Member.objects.get()
    assert member.name == "=1+1" and Identity.objects.filter(value="+8613900000001").exists()


@pytest.mark.django_db
def test_orders_earn_in_order_of_time_whatever_their_rows_do(bring):
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,,\n")
    rows = [order_row(str(n), f"2026-01-{n:02d}T10:00:00+08:00", price="250") for n in range(1, 7)]
    counts, _ = bring("orders", ORDERS + "".join(reversed(rows)))
    assert counts == "rows=6 new=6 changed=0 same=0 parked=0 bad=0"
    ann = Member.objects.get()
    accruals = [e.points for e in Entry.objects.filter(member=ann, wallet="points", kind="accrual").order_by("at")]
    assert accruals == [250, 250, 250, 250, 500, 500]
    assert [d.kind for d in tiers_queries.list_decisions(ann.id)] == ["upgrade", "joined"]
    assert ann.joined_at is not None
    again, _ = bring("orders", ORDERS + "".join(rows))
    assert again == "rows=6 new=0 changed=0 same=6 parked=0 bad=0"
    changed, _ = bring("orders", ORDERS + rows[0].replace(",250,", ",200,"))
    assert changed == "rows=1 new=0 changed=1 same=0 parked=0 bad=0"


@pytest.mark.django_db
def test_an_order_is_taken_whole_or_not_at_all(bring):
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,,\n")
    text = ORDERS + (
        order_row("1", line="1") + order_row("1", line="2", quantity="-1")
        + order_row("2", at="2026-02-30T10:00:00Z")
        + order_row("3", price="1.005") + order_row("4", currency="USD") + order_row("5", discount="11")
        + order_row("6", at="2099-01-01T00:00:00Z") + order_row("7", status="lost")
        + order_row("8", line="1") + order_row("8", line="1")
        + order_row("9", quantity="1.5") + order_row("10", member="")
        + order_row("11") + order_row("12") + order_row("11", line="2")
        + order_row("13", price="abc") + "x,y\n" + order_row("14", member="nobody")
    )  # fmt: skip
    counts, errors = bring("orders", text)
    assert counts == "rows=18 new=2 changed=0 same=0 parked=1 bad=15"
    codes = [(row["order_id"], row["error_code"]) for row in errors]
    assert codes == [
        ("1", "rejected_with_others"), ("1", "quantity"), ("2", "time"), ("3", "decimals"), ("4", "currency"),
        ("5", "discount_too_large"), ("6", "in_the_future"), ("7", "status"), ("8", "duplicate"), ("8", "duplicate"),
        ("9", "quantity"), ("10", "missing"), ("11", "split"), ("13", "amount"), ("x", "columns"),
    ]  # fmt: skip
    assert set(Order.objects.values_list("order_id", flat=True)) == {"11", "12", "14"}


@pytest.mark.django_db
def test_refunds_and_events_come_in_files_too(bring):
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,2026-01-01,\n")
    bring("orders", ORDERS + order_row("1", quantity="2", price="50"))
    header = "order_id,refund_id,refunded_at,line_id,quantity,amount\n"
    refunds = header + "1,R1,2026-01-07T10:00:00+08:00,1,1,50\n2,R2,2026-01-07T10:00:00+08:00,1,1,\n1,R3,x,1,1,\n"
    assert bring("refunds", refunds)[0] == "rows=3 new=1 changed=0 same=0 parked=1 bad=1"
    assert bring("refunds", refunds)[0] == "rows=3 new=0 changed=0 same=1 parked=1 bad=1"
    other = header + "1,R1,2026-01-07T10:00:00+08:00,1,2,50\n"
    counts, errors = bring("refunds", other)
    assert counts.endswith("bad=1") and errors[0]["error_code"] == "changed"
    assert Refund.objects.count() == 2
    events = (
        "event_id,type,member,occurred_at,properties\n"
        'e1,review,c1,2026-01-08 09:00,"{""photo"": true}"\ne2,review,c1,2026-01-08 09:00,{bad\n'
        "e3,review,nobody,2026-01-08 09:00,\n"
        'e4,review,c1,2026-01-08 09:00,"{""stars"": 1e400}"\ne5,review,c1,2026-01-08 09:00,"{""text"": ""\\ud800""}"\n'
    )
    counts, errors = bring("events", events)
    assert counts == "rows=5 new=1 changed=0 same=0 parked=1 bad=3"
    assert [row["error_code"] for row in errors] == ["properties", "amount", "characters"]
    ann = Member.objects.get()
    assert [row.points for row in points_queries.list_statement(ann.id, wallet="points")] == [50, -50, 100]
    assert ShopEvent.objects.count() == 2


@pytest.mark.django_db
def test_a_dry_run_counts_and_changes_nothing(bring):
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,,\n")
    counts, _ = bring("orders", ORDERS + order_row("1") + order_row("2", member="nobody"), "--dry-run")
    assert counts == "rows=2 new=1 changed=0 same=0 parked=1 bad=0"
    assert not Order.objects.exists() and not Entry.objects.exists()


@pytest.mark.django_db
def test_what_is_no_table_is_refused(bring, tmp_path):
    with pytest.raises(CommandError, match="no column order_id"):
        bring("orders", "a,b\n1,2\n")
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_table(tmp_path / "nothing.csv", ())
    broken = run.Options(source="web")
    with pytest.raises(UnreadableFile, match="no column placed_at"):
        (tmp_path / "x.csv").write_text("order_id,member,line_id,quantity,unit_price\n")
        run.run(kind="orders", path=tmp_path / "x.csv", options=broken, errors=None, progress=print, at=clock.now())
    assert bring("orders", ORDERS)[0] == "rows=0 new=0 changed=0 same=0 parked=0 bad=0"


@pytest.mark.django_db
def test_parked_orders_find_the_member_a_file_brings_later(bring):
    assert bring("orders", ORDERS + order_row("1"))[0].endswith("parked=1 bad=0")
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,2026-01-01,\n")
    assert points_queries.list_statement(Member.objects.get().id, wallet="points")[0].points == 10


@pytest.mark.django_db
def test_parked_orders_find_a_member_once_a_file_says_what_else_he_is_known_by(bring):
    bring("members", MEMBERS + "c1,,,Ann,,,,,2026-01-01,\n")
    assert bring("orders", ORDERS + order_row("1", member="ann@example.com"))[0].endswith("parked=1 bad=0")
    assert bring("members", MEMBERS + "c1,ann@example.com,,,,,,,,\n")[0].startswith("rows=1 new=0 changed=1")
    assert [row.points for row in points_queries.list_statement(Member.objects.get().id, wallet="points")] == [10]


@pytest.mark.django_db
def test_an_order_of_more_than_there_is_is_a_bad_row_and_stops_nobody(bring):
    bring("members", MEMBERS + "c1,ann@example.com,,Ann,,,,,2026-01-01,\n")
    rows = order_row("1", price="999999999999", quantity="1000000") + order_row("2")
    counts, errors = bring("orders", ORDERS + rows)
    assert counts == "rows=2 new=1 changed=0 same=0 parked=0 bad=1"
    assert [(row["order_id"], row["error_code"]) for row in errors] == [("1", "amount")]


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_goes_on(programme, tmp_path):
    orders = 3000
    people, path = tmp_path / "members.csv", tmp_path / "orders.csv"
    people.write_text(MEMBERS + "".join(f"c{n},,,M{n},,,,,,\n" for n in range(60)))
    path.write_text(
        ORDERS + "".join(order_row(str(n), f"2026-01-{n % 28 + 1:02d}T10:00:00Z", f"c{n % 60}") for n in range(orders))
    )
    call_command("import_members", str(people))
    code = (
        "import django; django.setup(); from django.core.management import call_command; "
        "from membership_site.flows.importing import run; run.BATCH_ROWS_MAX = 200; "
        f"call_command('import_orders', {str(path)!r})"
    )
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "membership_site.settings"}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while Order.objects.count() < orders // 6 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = Order.objects.count()
    assert orders // 6 <= done < orders, "the import was too quick or too slow to be killed in its middle"
    call_command("import_orders", str(path))
    assert Order.objects.count() == orders
    assert Entry.objects.filter(wallet="points", kind="accrual").count() == orders


def database_url() -> str:
    """The address of the database the tests run on."""
    settings = connection.settings_dict
    return f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
