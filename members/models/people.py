"""Members' tables: log-ins, members, their identities, consents and tags; what is kept about them beside these."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth, Lower, Now

from kit import memory
from kit.models import choices
from members.enums import Channel, CodePurpose, IdentityKind, MemberStatus, Purpose, StaffRole
from members.querysets import MemberQuerySet

hashed = memory.once(make_password)
"""A password as it is kept; of accounts that are made for one piece of work with the same one, hashed once."""


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts the way Django's own commands expect."""

    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "Account":
        """Will create a log-in; the password is hashed, None makes it unusable. One by phone alone has no address."""
        account = self.model(email=self.normalize_email(email).lower() or None, **fields)
        account.password = hashed(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        """Will create an administrator of the console."""
        roles = [StaffRole.ADMIN.value]
        return self.create_user(email, password, is_staff=True, is_superuser=True, roles=roles, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """A log-in: of a member, or of a person of the staff."""

    email = models.EmailField(max_length=254, unique=True, null=True, help_text="Empty: a member's, by phone alone.")
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    roles = ArrayField(models.CharField(max_length=20, choices=choices(StaffRole)), default=list, blank=True)
    language = models.CharField(max_length=10, blank=True)
    date_joined = models.DateTimeField(db_default=Now())

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="members_account_email_in_lower_case"),
            models.CheckConstraint(
                condition=Q(is_staff=True) | Q(roles=[]), name="members_account_roles_for_staff_only"
            ),
            models.CheckConstraint(
                condition=Q(is_staff=False) | Q(email__isnull=False), name="members_account_staff_have_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"


class Member(models.Model):
    """A person in the programme; what identifies him can be erased, the ledger keeps only this row's id."""

    number = models.CharField(max_length=20, unique=True)
    account = models.OneToOneField(Account, on_delete=models.SET_NULL, null=True, related_name="member")
    status = models.CharField(max_length=10, choices=choices(MemberStatus), default=MemberStatus.ACTIVE)
    name = models.CharField(max_length=120, blank=True)
    birthday = models.DateField(null=True)
    birthday_changed_at = models.DateTimeField(null=True, help_text="When another birthday was last stated.")
    gender = models.CharField(max_length=20, blank=True)
    region = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(
        max_length=40, blank=True, db_default="", help_text="An IANA name; empty: the programme's."
    )
    attributes = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=40, blank=True, help_text="Where the member came from.")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, help_text="Who goes on for him."
    )
    invite_code = models.CharField(max_length=12, null=True, help_text="By which his friends join; empty until asked.")
    joined_at = models.DateTimeField(null=True, help_text="Empty until the first order of a member imported without.")
    created_at = models.DateTimeField(db_default=Now())

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in MemberStatus]), name="members_member_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=MemberStatus.MERGED, merged_into__isnull=False)
                | Q(status=MemberStatus.ERASED)
                | (Q(merged_into=None) & ~Q(status=MemberStatus.MERGED)),
                name="members_member_merged_names_survivor",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="members_member_not_merged_into_himself"
            ),
            models.UniqueConstraint(fields=["invite_code"], name="members_member_invite_code"),
        ]
        indexes = [
            # Who was merged into a member.
            models.Index(fields=["merged_into"], name="members_member_merged", condition=Q(merged_into__isnull=False)),
            # The night: who has birthday.
            models.Index(ExtractMonth("birthday"), ExtractDay("birthday"), name="members_member_birthday"),
            # The console's list, newest members first, paged by key.
            models.Index(F("joined_at").desc(nulls_last=True), F("id").desc(), name="members_member_newest"),
            # Campaigns: who has been entered lately.
            BrinIndex(fields=["created_at"], pages_per_range=16, name="members_member_entered"),
            # The console's search by part of a name.
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="members_member_name_part"),
        ]

    def __str__(self) -> str:
        return self.number


class Identity(models.Model):
    """One thing a member is known by: an e-mail address, a phone number, or an id of another system."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=choices(IdentityKind))
    source = models.CharField(max_length=40, blank=True, help_text="The system of an external id; empty otherwise.")
    value = models.CharField(max_length=254, help_text="Normalised: e-mail in lower case, phone as +digits.")
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "value"], name="members_identity_one_member"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in IdentityKind]) & ~Q(value=""),
                name="members_identity_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind=IdentityKind.EXTERNAL) | Q(source=""), name="members_identity_source_of_external"
            ),
        ]
        indexes = [
            # find(): an id whose system was not named.
            models.Index(fields=["value"], name="members_identity_value"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}"


class Consent(models.Model):
    """One answer to one question about one channel and purpose, with the text shown. Append-only in the database."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=10, choices=choices(Channel))
    purpose = models.CharField(max_length=12, choices=choices(Purpose))
    given = models.BooleanField()
    text = models.TextField(help_text="The sentence the member saw.")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=[c.value for c in Channel]) & Q(purpose__in=[p.value for p in Purpose]),
                name="members_consent_question_known",
            ),
        ]
        indexes = [
            # The answer in force: latest per channel and purpose.
            models.Index(fields=["member", "channel", "purpose", "-at"], name="members_consent_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.purpose}: {self.given}"


class Tag(models.Model):
    """A word the shop or the staff put on a member."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "name"], name="members_tag_once"),
        ]
        indexes = [
            # Lists by tag.
            models.Index(fields=["name", "member"], name="members_tag_members"),
        ]

    def __str__(self) -> str:
        return self.name


class AddressCode(models.Model):
    """A code of six digits that was sent to an address: what it opens, until when, and how often it was tried.

    Only its keyed hash is kept. Where nobody is known by the address the row is a decoy without an identity, so that
    tries are counted, and answered, alike. `ticket` stands in the session that asked, and nowhere else: a code opens
    nothing for anybody who did not ask for it.
    """

    ticket = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    purpose = models.CharField(max_length=10, choices=choices(CodePurpose))
    digest = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of ticket and code.")
    wishes = models.JSONField(default=dict, help_text="What was typed to join: name, language, hashed password, ...")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=[p.value for p in CodePurpose]), name="members_addresscode_purpose_known"
            ),
            models.CheckConstraint(condition=Q(tries__lte=5), name="members_addresscode_tries_limited"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(identity__isnull=False), name="members_addresscode_decoys_open_nothing"
            ),
        ]
        indexes = [
            # How many codes went to an address lately.
            models.Index(fields=["identity", "created_at"], name="members_addresscode_lately"),
            # The night's clearing of codes long over.
            models.Index(fields=["created_at"], name="members_addresscode_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.ticket}"


class OpenSession(models.Model):
    """A session that an account opened and may end from elsewhere; no network address is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=300, blank=True, help_text="What the browser calls itself.")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="To within ten minutes.")

    def __str__(self) -> str:
        return f"session {self.pk} of {self.account_id}"
