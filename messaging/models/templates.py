"""Messaging's tables of words: topics that members choose by, templates and their versions."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kit.models import choices
from members.enums import Purpose

TOPIC = 40
"""The longest code of a topic, in characters."""


class Topic(models.Model):
    """What messages can be about; members switch each off by channel. Names and explanations by language."""

    code = models.SlugField(unique=True, max_length=TOPIC)
    names = models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')
    abouts = models.JSONField(default=dict, help_text="What is sent under it, in a sentence, by language.")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code


class Template(models.Model):
    """A message that can be sent: what for, about which topic; its words stand in its versions.

    A `code` names a template that the house sends of itself (verification, a tier change, ...) or that staff keep to
    start from; those of one campaign have none.
    """

    code = models.SlugField(unique=True, max_length=60, null=True)
    name = models.CharField(max_length=120, help_text="As the staff know it.")
    purpose = models.CharField(max_length=12, choices=choices(Purpose))
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    is_archived = models.BooleanField(default=False)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose=Purpose.SERVICE.value, topic=None)
                | Q(purpose=Purpose.MARKETING.value, topic__isnull=False),
                name="messaging_template_marketing_has_topic",
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.name


class TemplateVersion(models.Model):
    """The words of a template by channel and language: a draft, or published and frozen from then on.

    `compiled` is made of `content` when it is published, so that sending compiles nothing.
    """

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="What messaging.rules.content.content_from reads.")
    compiled = models.JSONField(default=dict, help_text="{channel: {language: {part: template source}}}")
    published_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="messaging_templateversion_once"),
            models.UniqueConstraint(
                fields=["template"], condition=Q(published_at=None), name="messaging_templateversion_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} version {self.number}"
