"""A small good house, and for every check at least one bad file with a part of the sentence that refuses it."""

GOOD: dict[str, str] = {
    "kit/__init__.py": '"""Kit: tools."""\n',
    "kit/clock.py": '''"""Kit's clock."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Will return the present instant."""
    return timezone.now()
''',
    "kit/money.py": '"""Kit\'s money."""\n\nfrom decimal import Decimal\n\nCOIN = Decimal("0.01")\n',
    "orders/__init__.py": '"""Orders: what the shop told us."""\n',
    "orders/models.py": '"""Orders\' tables."""\n',
    "orders/jobs.py": '"""Orders\' nightly work."""\n',
    "orders/queries.py": '"""Orders answer."""\n',
    "members/__init__.py": '"""Members: who they are."""\n',
    "members/models.py": '"""Members\' tables."""\n',
    "members/sql/forget.sql": """-- purpose: forget members that asked for it
-- parameters: at, the instant of the run; it's taken once
-- locks: the rows it writes
-- plan: index scan on members_member_due
UPDATE members_member SET name = 'a; b' WHERE due_at <= %(at)s;
""",
    "points/__init__.py": '"""Points: the ledger."""\n',
    "points/enums.py": '''"""Points' enums."""

from enum import StrEnum


class Kind(StrEnum):
    EARN = "earn"
''',
    "points/migrations/0013_rolls.py": """from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    operations = [
        migrations.CreateModel(name="Note", fields=[("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex(model_name="note", index=models.Index(fields=["id"], name="points_note_all")),
        migrations.AddField(model_name="lot", name="more", field=models.TextField(db_default="")),
        AddIndexConcurrently(model_name="lot", index=models.Index(fields=["more"], name="points_lot_more")),
        # unused since 1.2
        migrations.RemoveField(model_name="lot", name="less"),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Old")]),
    ]
""",
    "points/rules.py": '''"""Points' rules."""

from dataclasses import dataclass

from kit.money import COIN
from points.enums import Kind


@dataclass(frozen=True)
class Rate:
    """How much."""

    kind: Kind
    coin: object = COIN
''',
    "points/models.py": '''"""Points' tables."""

from django.db import models
from django.db.models.functions import Now


class LedgerEntry(models.Model):
    """A line."""

    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk__gt=0), name="points_ledger_entry_positive")]
        indexes = [
            # The statement of one member.
            models.Index(fields=["id"], name="points_ledgerentry_statement"),
        ]

    @property
    def is_new(self) -> bool:
        return self.pk is None
''',
    "points/actions.py": '''"""Points' deeds."""

import datetime as dt

from django.db import transaction

from points import tasks
from points.models import LedgerEntry


def earn(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will add an entry."""
    LedgerEntry.objects.create()
    transaction.on_commit(lambda: tasks.tell.delay(member_id))
''',
    "points/tasks.py": '''"""Points' tasks."""

from celery import shared_task

from kit import clock


@shared_task(name="points.tell")
def tell(member_id: int) -> None:
    """Will tell a member."""
    print(member_id, clock.now())
''',
    "points/queries.py": '''"""Points answer."""

from points.models import LedgerEntry


def count() -> int:
    """Will count the entries. One query."""
    return LedgerEntry.objects.count()
''',
    "points/wording.py": '''"""Points in words."""

from django.utils.translation import gettext as _

from points.enums import Kind

WORDS = {Kind.EARN: _("Earned")}
''',
    "tiers/actions/__init__.py": '''"""Tiers' deeds."""

from tiers.actions.moving import move

__all__ = ["move"]
''',
    "tiers/actions/moving.py": '''"""Moving a member."""

from points import actions as points_actions


def move(*, at: object, actor: str) -> object:
    """Will move a member."""
    return leaf(points_actions)


def leaf(value: object) -> object:
    """Will be shared by the deeds of this folder."""
    return value
''',
    "tiers/__init__.py": '"""Tiers: where a member stands."""\n',
    "tiers/migrations/0001_initial.py": 'class Migration:\n    dependencies = [("members", "0001_initial")]\n',
    "membership_site/__init__.py": '"""The site."""\n',
    "membership_site/urls.py": '"""Addresses."""\n\nfrom membership_site.portal import urls\n\nPATHS = [urls]\n',
    "membership_site/formats.py": '"""Formats of the site."""\n',
    "membership_site/flows/__init__.py": "",
    "membership_site/flows/order_paid.py": '''"""Flow: an order was paid."""

import datetime as dt

from orders import jobs
from points import actions as points_actions


def order_paid(*, member_id: int, at: dt.datetime, actor: str) -> object:
    """Will book what an order brings."""
    shared()
    points_actions.earn(member_id=member_id, at=at, actor=actor)
    return jobs


def shared() -> None:
    """Will be tested through the flow that calls it."""
''',
    "membership_site/console/__init__.py": '"""The staff\'s door."""\n',
    "membership_site/console/pages.py": '"""The staff\'s pages."""\n',
    "membership_site/portal/__init__.py": '"""The members\' door."""\n',
    "membership_site/portal/urls.py": '"""Addresses of the members\' door."""\n',
    "membership_site/portal/views/__init__.py": "",
    "membership_site/portal/views/home.py": '''"""The members' first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kit import clock
from membership_site import formats
from membership_site.flows import order_paid
from points import queries


def home(request: HttpRequest) -> HttpResponse:
    """Will show where a member stands."""
    order_paid.order_paid(member_id=1, at=clock.now(), actor="member:1")
    return render(request, "portal/home.html", {"count": queries.count(), "formats": formats})
''',
    "launcher/__init__.py": '"""The launcher."""\n',
    "launcher/up.py": '''"""Starting."""

import time

from launcher import __doc__ as words

STARTED = (time.time(), words)
''',
    "templates/portal/home.html": """<p class="a">{% if a > b %}{{ a|default:"style=" }}{% endif %}</p>
<script src="{% static 'a.js' %}"></script>
""",
    "tests/points/test_earn.py": """from membership_site.flows.order_paid import order_paid
from points import actions as deeds
from tiers import actions as tiers_actions

BROKEN = (deeds.earn, order_paid, tiers_actions.move, "points_ledger_entry_positive")
""",
    "docs/architecture.md": """# House
```
membership_site/   the site
    portal/  console/  api/   doors
tiers/             standing
points/ | orders/  ledger | shop
members/           people
kit/               tools
templates/  static/
```
""",
    ".importlinter": """; Follows tests/architecture/house.py, as a test proves; this also catches chains of imports.
[importlinter]
root_packages =
    kit
    members
    orders
    points
    tiers
    membership_site

[importlinter:contract:floors]
name = A room knows only the rooms below it; rooms of one floor are strangers
type = layers
layers =
    membership_site
    tiers
    orders | points
    members
    kit

[importlinter:contract:site]
name = Doors are strangers and stand above the flows
type = layers
layers =
    membership_site.portal | membership_site.console | membership_site.api
    membership_site.flows
""",
}

DOC = '"""A sentence."""\n'
LONG = DOC + "\n\ndef long() -> int:\n" + '    """Will be long."""\n' + "    x = 1\n" * 69
HEAD = "-- purpose: a\n-- parameters: none\n-- locks: none\n-- plan: seq scan\n"
META = DOC + "from django.db import models\n\n\nclass LedgerEntry(models.Model):\n    class Meta:\n"

MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        {},
    ]
"""

BAD: tuple[tuple[str, str, str, str], ...] = (
    # ---- who may know whom
    ("imports_go_down", "points/extra.py", "from orders.models import x\n", "strangers"),
    ("imports_go_down", "points/jobs.py", "def f():\n    from tiers import queries\n", "stands above points"),
    ("imports_go_down", "kit/audit.py", "import members.models\n", "stands above kit"),
    (
        "imports_go_down",
        "kit/audit.py",
        "from importlib import import_module\nimport_module('points.jobs')\n",
        "above kit",
    ),
    ("imports_go_down", "kit/audit.py", "from django.apps import apps\napps.get_model('points', 'X')\n", "above kit"),
    ("imports_go_down", "tiers/actions.py", "from points import jobs\n", "keeps to itself"),
    (
        "imports_go_down",
        "tiers/actions.py",
        "from points import segment_fields\n",
        "only flows, the night and commands",
    ),
    (
        "imports_go_down",
        "tiers/actions.py",
        "from ..points.jobs import x\nimport points.querysets\n",
        "keeps to itself",
    ),
    ("imports_go_down", "tiers/queries.py", "from points.actions.books import x\nimport points.actions.a\n", "through"),
    ("imports_go_down", "tiers/queries.py", "import points\n", "Open one of its drawers"),
    ("imports_go_down", "tiers/queries.py", "from membership_site import formats\n", "stands above all rooms"),
    ("imports_go_down", "membership_site/console/pages.py", "from points import jobs\n", "keeps to itself"),
    ("imports_go_down", "membership_site/console/pages.py", "from membership_site.portal import urls\n", "strangers"),
    ("imports_go_down", "membership_site/flows/join.py", "from membership_site.portal import urls\n", "Only urls.py"),
    ("imports_go_down", "membership_site/flows/join.py", "from membership_site import formats\n", "stands above it"),
    ("imports_go_down", "membership_site/charts.py", "from membership_site.flows import order_paid\n", "stands above"),
    ("imports_go_down", "points/jobs.py", "from tests.points import test_earn\n", "never the other way"),
    ("imports_go_down", "launcher/down.py", "from kit import clock\n", "from outside"),
    ("imports_go_down", "membership_site/celery.py", "import launcher.up\n", "from outside"),
    (
        "migrations_go_down",
        "members/migrations/0002.py",
        "dependencies = [('tiers', '0001_initial')]\n",
        "above members",
    ),
    (
        "tables_are_asked_through_queries",
        "membership_site/console/pages.py",
        "from points.models import LedgerEntry\nrows = LedgerEntry.objects.all()\n",
        "Ask points.queries",
    ),
    (
        "tables_are_asked_through_queries",
        "tiers/queries.py",
        "from points import models\nmodels.X.objects\n",
        "jobs' joins",
    ),
    (
        "no_http_below_the_doors",
        "points/queries.py",
        "from django import http, shortcuts\n",
        "imports django.shortcuts",
    ),
    ("no_http_below_the_doors", "points/actions.py", "from django.http import HttpRequest\n", "HTTP lives only"),
    (
        "no_http_below_the_doors",
        "membership_site/flows/join.py",
        "def join(*, request):\n    pass\n",
        "takes a request",
    ),
    (
        "one_clock",
        "points/actions.py",
        "import datetime as dt\nAT = dt.datetime.now(dt.UTC)\n",
        "datetime.datetime.now",
    ),
    (
        "one_clock",
        "points/models.py",
        "from django.utils.timezone import now\nX = Field(default=now)\n",
        "timezone.now",
    ),
    ("one_clock", "points/models.py", "X = Field(auto_now_add=True)\n", "unseen"),
    ("one_clock", "points/queries.py", "from django.db.models.functions import Now\nX = Now()\n", "functions.Now"),
    ("one_clock", "membership_site/formats.py", "from django.utils import timezone\ntimezone.localdate()\n", "leaving"),
    ("one_clock", "membership_site/flows/join.py", "from kit import clock\nclock.now()\n", "pass `at` down"),
    ("one_clock", "points/actions.py", "from kit.clock import now\nX = now\n", "pass `at` down"),
    ("one_clock", "kit/locks.py", "from time import time\ntime()\n", "time.time"),
    ("no_signals", "points/apps.py", "from django.db.models.signals import post_save\n", "Say it aloud"),
    ("no_signals", "membership_site/apps.py", "from django.dispatch import receiver\n", "Say it aloud"),
    # ---- where files lie and how they begin
    ("every_folder_is_known", "loyalty/models.py", "", "on no floor"),
    ("only_known_drawers", "points/services.py", "", "a room has no services"),
    ("only_known_drawers", "points/utils/dates.py", "", "a room has no utils"),
    ("only_known_drawers", "points/views.py", "", "pages live in the doors"),
    ("only_known_drawers", "points/clock.py", "", "no drawer of a room"),
    ("only_known_drawers", "points/tasks/expire.py", "", "no drawer of a room"),
    ("only_known_drawers", "points/sql/expire.py", "", ".sql files"),
    ("only_known_drawers", "points/management/commands/expire.py", "", "above all rooms"),
    ("only_known_drawers", "points/templates/x.html", "", "Pages belong in templates/"),
    ("only_known_drawers", "benefits/kinds/coupon/services.py", "", "a room has no services"),
    ("only_known_parts_of_the_site", "membership_site/reports.py", "", "a file of the site itself"),
    ("only_known_parts_of_the_site", "membership_site/shared/x.py", "", "a folder of the site"),
    ("only_known_parts_of_the_site", "membership_site/portal/services.py", "", "a drawer of the door portal"),
    ("only_known_parts_of_the_site", "membership_site/portal/schemas.py", "", "a drawer of the door portal"),
    ("only_known_parts_of_the_site", "membership_site/portal/views.py", "", "one file a subject"),
    ("only_known_parts_of_the_site", "membership_site/flows/models.py", "", "own no tables"),
    ("only_known_parts_of_the_site", "membership_site/flows/orders/paid/lines.py", "", "flat"),
    ("modules_say_whose_they_are", "points/jobs.py", "X = 1\n", "no module docstring"),
    ("modules_say_whose_they_are", "points/__init__.py", "", "no module docstring"),
    ("public_functions_are_explained", "points/jobs.py", "def f() -> None:\n    pass\n", "f has no docstring"),
    ("functions_are_short", "points/jobs.py", LONG, "long has 70 lines"),
    ("functions_are_short", "tests/points/test_long.py", LONG, "long has 70 lines"),
    ("functions_are_short", "launcher/long.py", LONG, "long has 70 lines"),
    ("commands_live_in_the_commands_folder", "kit/paging.py", "class Command:\n    pass\n", "management/commands"),
    # ---- what may stand inside each drawer
    ("rules_are_pure", "points/rules.py", "from django.db import models\n", "plain values in"),
    ("rules_are_pure", "points/rules/earn.py", "import os\n", "imports os"),
    ("rules_are_pure", "points/rules.py", "from kit import clock\n", "Take the fact as a value"),
    ("rules_are_pure", "points/rules.py", "from points.models import LedgerEntry\n", "Rules know only"),
    ("rules_are_pure", "points/rules.py", "import random\n", "imports random"),
    ("rules_are_pure", "points/rules.py", "print(1)\n", "explanation as a value"),
    ("rules_are_pure", "points/enums.py", "from kit.money import COIN\n", "enums know nothing of ours"),
    ("rules_are_pure", "points/enums.py", "from django.db.models import TextChoices\n", "plain values"),
    ("rules_are_pure", "kit/money.py", "from django.conf import settings\n", "imports django.conf"),
    (
        "values_are_frozen",
        "points/rules.py",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\n",
        "A can",
    ),
    (
        "values_are_frozen",
        "membership_site/console/pages.py",
        "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass A:\n    a: int\n",
        "frozen=True",
    ),
    ("actions_name_their_arguments", "points/actions.py", "def spend(member_id, *, at, actor): ...\n", "by position"),
    ("actions_name_their_arguments", "tiers/actions/moving.py", "def move(*, at): ...\n", "lacks actor"),
    (
        "actions_name_their_arguments",
        "points/actions.py",
        "from points import tasks\ntasks.tell.delay(1)\n",
        "on_commit",
    ),
    ("queries_answer_in_types", "points/queries.py", "def all_of_them(): ...\n", "nothing stated"),
    ("queries_answer_in_types", "points/queries.py", "def rows() -> 'QuerySet[X]': ...\n", "answers"),
    ("queries_answer_in_types", "points/queries.py", 'def f() -> int:\n    """Will ask."""\n', "what it costs"),
    (
        "queries_answer_in_types",
        "points/queries.py",
        "def f() -> int:\n    X.objects.filter(a=1).update(a=2)\n",
        ".update()",
    ),
    ("queries_answer_in_types", "points/querysets.py", "def f(rows):\n    rows.get_or_create(a=1)\n", "only reads"),
    ("models_are_plain", "points/models.py", "class A:\n    def save(self): ...\n", "overrides save"),
    (
        "models_are_plain",
        "points/models.py",
        "class A:\n    @property\n    def total(self):\n        return self.lots.filter(a=1)\n",
        "inside the property total",
    ),
    ("wording_only_words", "points/wording.py", "from points import queries\n", "codes and facts"),
    ("tasks_are_shells", "points/tasks.py", "@shared_task\ndef tell(): ...\n", "no pinned name"),
    ("tasks_are_shells", "points/jobs.py", "@shared_task(name='x')\ndef tell(): ...\n", "belongs in tasks.py"),
    (
        "tasks_are_shells",
        "points/tasks.py",
        "@shared_task(name='x')\ndef tell(ids):\n    for i in ids:\n        print(i)\n",
        "decides or loops",
    ),
    # ---- names in the database
    (
        "constraints_and_indexes_are_named",
        "points/models.py",
        META + "        constraints = [models.UniqueConstraint(fields=['a'], name='entry_once')]\n",
        "Name it points_ledgerentry_<claim>",
    ),
    (
        "constraints_and_indexes_are_named",
        "points/models.py",
        META + "        indexes = [models.Index(fields=['a'])]\n",
        "Name it points_ledgerentry_<query>",
    ),
    (
        "constraints_and_indexes_are_named",
        "points/models.py",
        META + "        indexes = [\n            models.Index(fields=['a'], name='points_ledgerentry_a'),\n        ]\n",
        "does not say what it is for",
    ),
    (
        "constraints_and_indexes_are_named",
        "points/models.py",
        META + "        indexes = [models.Index(fields=['a'], name='points_ledgerentry_of_member_by_date')]\n",
        "longer than 30",
    ),
    (
        "constraints_and_indexes_are_named",
        "points/models.py",
        META + "        constraints = [X.CheckConstraint(name='points_ledger_entry_a'), Y.ExclusionConstraint("
        "name='points_ledger_entry_a')]\n",
        "name of another",
    ),
    (
        "no_unnamed_rules",
        "points/models.py",
        META + "        unique_together = [('a', 'b')]\n",
        "no name and no reason",
    ),
    ("no_unnamed_rules", "points/models.py", "X = models.CharField(db_index=True)\n", "no name and no reason"),
    # ---- files that are not Python
    ("statements_have_heads", "points/sql/expire.sql", "-- purpose: a\nSELECT 1\n", "-- plan:"),
    ("statements_have_heads", "points/sql/expire.sql", HEAD + "SELECT 1; SELECT 2;\n", "more than one statement"),
    ("statements_have_heads", "points/sql/expire.sql", HEAD + "SELECT now()\n", "database's clock (now())"),
    ("statements_have_heads", "points/sql/expire.sql", HEAD + "SELECT %(until)s\n", "the parameter until"),
    (
        "statements_in_python_ask_no_clock",
        "points/actions.py",
        'READ = "SELECT * FROM points_lot WHERE expires_on > CURRENT_DATE"\n',
        "CURRENT_DATE",
    ),
    ("templates_obey_the_policy", "templates/a.html", '<p\n style="top:0">{{ a }}</p>\n', "a.html:2: has a style"),
    ("templates_obey_the_policy", "templates/a.html", "<p {% if a %}onclick='b()'{% endif %}>\n", "inline handler"),
    ("templates_obey_the_policy", "templates/a.html", '<p hx-on:click="b()">\n', "inline handler"),
    ("templates_obey_the_policy", "templates/a.html", "<script nonce='a'>b()</script>\n", "inline script"),
    ("templates_obey_the_policy", "templates/a.html", "<style>a{}</style>\n", "inline style sheet"),
    ("templates_obey_the_policy", "templates/a.html", '<a href="javascript:b()">\n', "javascript:"),
    ("templates_obey_the_policy", "templates/a.html", "{{ a|upper|safe }}\n", "Let Django escape"),
    ("templates_obey_the_policy", "templates/a.html", "{% autoescape off %}\n", "Let Django escape"),
    (
        "markup_in_python_is_rare",
        "membership_site/formats.py",
        "from django.utils.safestring import mark_safe\nX = mark_safe('a')\n",
        "uses mark_safe",
    ),
    ("markup_in_python_is_rare", "membership_site/charts.py", "X = '<rect style=\"fill:red\"/>'\n", "style attribute"),
    # ---- migrations that run while the release before them serves
    *(
        ("migrations_roll", "points/migrations/0013_more.py", MIGRATION.format(operation), said)
        for operation, said in (
            ("migrations.RenameField(model_name='lot', old_name='a', new_name='b')", "takes a name away"),
            ("migrations.RemoveField(model_name='lot', name='a')", "unused since"),
            ("migrations.AlterField(model_name='lot', name='a', field=models.TextField())", "does not mind"),
            ("migrations.RunPython(print)", "does not mind"),
            ("migrations.AddField(model_name='lot', name='a', field=models.TextField(default=''))", "without it"),
            ("migrations.AddIndex(model_name='lot', index=models.Index(name='a'))", "AddIndexConcurrently"),
            ("migrations.AddConstraint(model_name='lot', constraint=models.Q())", "ValidateConstraint"),
            (
                "migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel(name='Lot')])",
                "unused since",
            ),
        )
    ),
    # ---- the house as drawn
    ("picture_agrees", "docs/architecture.md", "```\nkit/\nmembers/\n```\n", "another floor"),
    ("picture_agrees", "docs/architecture.md", "```\npoints/ | tiers/  both\nkit/\n```\n", "another floor"),
    ("picture_agrees", "docs/architecture.md", "```\nloyalty/  all\nkit/\n```\n", "draws loyalty"),
    ("picture_agrees", "docs/architecture.md", "```\nmembers/\nkit/\n```\n", "does not draw orders, points, tiers"),
    ("contract_agrees", ".importlinter", "[importlinter]\n", "It should read:\n"),
    # ---- what the tests mention by name
    (
        "every_deed_is_tested",
        "points/actions.py",
        "def spend(*, at, actor): ...\n",
        "no test calls points.actions.spend",
    ),
    (
        "every_deed_is_tested",
        "tiers/actions/__init__.py",
        "from tiers.actions.moving import leaf\n",
        "tiers.actions.leaf",
    ),
    ("every_deed_is_tested", "membership_site/flows/join.py", "def join(): ...\n", "membership_site.flows.join.join"),
    (
        "every_constraint_is_broken",
        "points/models.py",
        META + "        constraints = [models.CheckConstraint(name='points_ledgerentry_odd')]\n",
        "no test breaks points_ledgerentry_odd",
    ),
)
