"""Benefits' table of goods that members see otherwise: cheaper, alone, or earlier."""

from django.db import models
from django.db.models import F, Q

from benefits.enums import GoodsKind
from kit.models import choices
from orders.models import KEY, money_field


class MemberGoods(models.Model):
    """What members have of one article; which tiers have it is said by the matrix."""

    kind = models.CharField(max_length=12, choices=choices(GoodsKind))
    sku = models.CharField(max_length=KEY, db_collation="C")
    name = models.CharField(max_length=254, blank=True)
    price = money_field(null=True, help_text="The members' price.")
    opens_at = models.DateTimeField(null=True, help_text="When everybody may buy it.")
    starts_at = models.DateTimeField(help_text="From when this is so.")
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it is over.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "sku", "starts_at"], name="benefits_membergoods_once"),
            models.CheckConstraint(
                condition=Q(kind=GoodsKind.MEMBER_PRICE.value, price__isnull=False, price__gte=0, opens_at=None)
                | Q(kind=GoodsKind.MEMBER_ONLY.value, price=None, opens_at=None)
                | Q(kind=GoodsKind.EARLY_ACCESS.value, price=None, opens_at__isnull=False),
                name="benefits_membergoods_says_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="benefits_membergoods_lasts"
            ),
        ]
        indexes = [
            # The goods of a cart.
            models.Index(fields=["sku", "kind"], name="benefits_membergoods_of_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sku}"
