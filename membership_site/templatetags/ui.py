"""The site's template tags: icons, charts, and every number, amount and date by the formats."""

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from membership_site import formats

register = template.Library()

for name in (
    "num",
    "signed",
    "compact",
    "pct",
    "signed_pct",
    "money",
    "money0",
    "compact_money",
    "cal",
    "near",
    "ago",
    "clock",
    "prose",
):
    register.filter(name, getattr(formats, name))


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Will draw an icon of static/img/icons.txt; it is hidden from those who listen, so words stand beside it."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("img/icons.svg"), name
    )


@register.simple_tag
def chart(drawing: SafeString) -> SafeString:
    """Will put a drawing of membership_site.charts on the page; anything not marked safe there is escaped."""
    return format_html("{}", drawing)


@register.simple_tag
def control(field: BoundField, **attributes: str) -> SafeString:
    """Will draw a form field's control in our look; label, help and error stand in parts/field.html."""
    attrs: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attributes.items()}
    if getattr(field.field.widget, "input_type", "") not in {"checkbox", "radio"}:
        attrs["class"] = "fld"
    return field.as_widget(attrs=attrs)


@register.filter
def may_be_empty(field: BoundField) -> bool:
    """Will say whether a field may be empty, whatever is chosen: what some choice asks for (`data-asked`) may not."""
    return not field.field.required and "data-asked" not in field.field.widget.attrs


@register.simple_tag
def gap() -> str:
    """Will return what stands between two sentences: a space, in Chinese nothing."""
    return formats.prose(["", ""])
