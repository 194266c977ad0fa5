"""Kit's tables: job runs, the audit log, API keys, idempotent calls, file imports, saved views, exported lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kit.enums import ExportState, RunState


def choices(enum: type) -> list[tuple[str, str]]:
    """Will return a StrEnum as Django's choices."""
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]


class JobRun(models.Model):
    """One step of the night for one business date; its cursor makes it resumable."""

    step = models.CharField(max_length=60)
    business_date = models.DateField()
    state = models.CharField(max_length=10, choices=choices(RunState))
    attempts = models.PositiveSmallIntegerField(default=1)
    cursor = models.BigIntegerField(default=0, help_text="Members up to this id are done.")
    rows = models.BigIntegerField(default=0)
    detail = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "business_date"], name="kit_jobrun_once_per_date"),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, finished_at=None)
                | (~Q(state=RunState.RUNNING) & Q(finished_at__isnull=False)),
                name="kit_jobrun_finished_when_over",
            ),
        ]
        indexes = [
            # The jobs page: latest runs first.
            models.Index(fields=["-business_date", "step"], name="kit_jobrun_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.step} for {self.business_date}: {self.state}"


class AuditRow(models.Model):
    """One deed of a person or a key: who, when, what, was and becomes. Append-only in the database."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    deed = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    was = models.JSONField(null=True)
    becomes = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    origin = models.CharField(max_length=60, blank=True, help_text="The address it came from.")

    class Meta:
        indexes = [
            # The audit log of one member or thing, latest first.
            models.Index(fields=["subject", "-at"], name="kit_auditrow_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.deed} {self.subject}"


class ApiKey(models.Model):
    """A key of the shop's machines; only its hash is kept."""

    name = models.CharField(max_length=60, unique=True)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True, help_text="When it was used last, to within ten minutes.")

    def __str__(self) -> str:
        return self.name


class IdempotentCall(models.Model):
    """A POST seen under its Idempotency-Key, and the answer it got."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "key"], name="kit_idempotentcall_once_per_key"),
            models.CheckConstraint(
                condition=Q(status=None, answer=None) | Q(status__isnull=False, answer__isnull=False),
                name="kit_idempotentcall_answered_whole",
            ),
        ]
        indexes = [
            # The nightly clearing of calls that are older than their promise.
            models.Index(fields=["started_at"], name="kit_idempotentcall_oldest"),
        ]

    def __str__(self) -> str:
        return self.key


class FileImport(models.Model):
    """One file being imported: how far it got, so that a killed import resumes and a page shows progress."""

    kind = models.CharField(max_length=12)
    source = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    options = models.JSONField(default=dict)
    rows_read = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "digest", "options"], name="kit_fileimport_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source} {self.rows_read}/{self.rows_total}"


class SavedView(models.Model):
    """A named set of filters a person keeps for a console page."""

    owner = models.CharField(max_length=80)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, help_text="The page's query string.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="kit_savedview_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ListExport(models.Model):
    """A list that somebody asked for as a file: whom it has, how far it is made, and until when it can be fetched.

    It has those who were in the list when it was asked for, in its parts as many as `made`.
    """

    actor = models.CharField(max_length=80)
    query = models.CharField(max_length=500, blank=True, help_text="The filters as the page's address had them.")
    language = models.CharField(max_length=10)
    member_ids = ArrayField(models.BigIntegerField())
    size = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=choices(ExportState), default=ExportState.WAITING)
    error = models.CharField(max_length=300, blank=True)
    form_key = models.UUIDField(unique=True, help_text="Of the form, so that a second press is no second one.")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it cannot be fetched any more.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(made__lte=F("size")), name="kit_listexport_within_size"),
            models.CheckConstraint(
                condition=Q(state=ExportState.DONE, made=F("size"), done_at__isnull=False, ends_at__isnull=False)
                | (~Q(state=ExportState.DONE) & Q(done_at=None, ends_at=None)),
                name="kit_listexport_done_when_made",
            ),
        ]
        indexes = [
            # A person's files, latest first.
            models.Index(fields=["actor", "-id"], name="kit_listexport_of_actor"),
            # What is to be made.
            models.Index(fields=["id"], name="kit_listexport_waiting", condition=Q(state=ExportState.WAITING.value)),
        ]

    def __str__(self) -> str:
        return f"list of {self.size} for {self.actor}: {self.state}"


class ListExportPart(models.Model):
    """A part of an exported list as text; `starts` is how many members stand before it."""

    pk = models.CompositePrimaryKey("export_id", "starts")
    export = models.ForeignKey(ListExport, on_delete=models.CASCADE, related_name="parts", db_index=False)
    starts = models.PositiveIntegerField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.export_id} from {self.starts}"
