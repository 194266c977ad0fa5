"""The api's answers of a checkout, put together from what its flows tell."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from benefits import wording as benefits_wording
from benefits.queries import CheckoutView
from benefits.rules.coupons import Rejection
from kit.keys import parts_of
from membership_site import formats
from membership_site.api.pages import tier_names
from membership_site.api.schemas import checkout as schemas
from membership_site.api.schemas.fields import money_text
from membership_site.flows.checkout_quoted import Quote, QuotedLine, applied_of, rejected_of


def quote_answer(quote: Quote, at: dt.datetime) -> schemas.QuoteAnswer:
    """Will assemble what a cart comes to, in the language spoken now. At most two queries."""
    applied = applied_of(quote)
    names = {key: benefits_wording.named(source.names, source.code) for key, source in quote.sources.items()}
    shipping = quote.asked.cart.shipping
    return schemas.QuoteAnswer(
        lines=[_line(line, quote) for line in quote.lines],
        discounts=[
            schemas.QuoteDiscount(
                code=source.code,
                kind=one.offer.kind,
                amount=money_text(one.amount),
                shipping=money_text(one.shipping),
                text=benefits_wording.taken_off_words(names[one.offer.key], one.amount, formats),
            )
            for source, one in applied
        ],
        shipping=schemas.QuoteShipping(
            amount=money_text(shipping),
            discount=money_text(shipping - quote.shipping),
            total=money_text(quote.shipping),
        ),
        points_used=quote.points.points,
        points_amount=money_text(quote.points.amount),
        points_to_earn=quote.to_earn,
        total=money_text(quote.total),
        applied=[
            schemas.QuoteApplied(
                code=source.code, kind=one.offer.kind, name=names[one.offer.key], amount=money_text(one.amount)
            )
            for source, one in applied
        ],
        rejected=_rejected(quote, names, at),
        is_exact=quote.combination.is_exact,
        quote_hash=quote.hash,
    )


def _line(line: QuotedLine, quote: Quote) -> schemas.QuoteLine:
    return schemas.QuoteLine(
        line_id=line.line_id,
        amount=money_text(line.amount),
        member_price_saving=money_text(line.member_saving),
        discounts=[
            schemas.LineDiscount(code=quote.sources[key].code, amount=money_text(amount))
            for key, amount in line.discounts
        ],
        points_amount=money_text(line.points_amount),
        total=money_text(line.left),
        points_to_earn=line.points_to_earn,
    )


def _rejected(quote: Quote, names: Mapping[str, str], at: dt.datetime) -> list[schemas.QuoteRejected]:
    """What is not used, and why; tiers are looked up only where one of the reasons names them."""
    if any(why.code == "tier" for _, why in rejected_of(quote)):
        names = {**tier_names(at), **names}
    coupons = [
        (source.code, why, benefits_wording.rejection_words(why, formats, names)) for source, why in rejected_of(quote)
    ]
    unknown = Rejection("unknown")
    codes = [(code, unknown, benefits_wording.rejection_words(unknown, formats)) for code in quote.unknown]
    goods = [(sku, why, benefits_wording.goods_words(why, formats)) for sku, why in quote.refused]
    return [
        schemas.QuoteRejected(code=code, reason=why.code, detail=detail)
        for code, why, detail in coupons + codes + goods
    ]


def reservation_answer(view: CheckoutView) -> schemas.ReservationAnswer:
    """Will assemble what is held. No query."""
    return schemas.ReservationAnswer(reservation=view.id, status=view.state, expires_at=view.expires_at)


def confirmed_answer(view: CheckoutView) -> schemas.ConfirmedAnswer:
    """Will assemble what has paid for an order; the same however often it is asked. No query."""
    _, source, order_id = parts_of(view.order_key)
    return schemas.ConfirmedAnswer(
        reservation=view.id,
        status=view.state,
        source=source,
        order_id=order_id,
        points_used=view.points,
        total=money_text(Decimal(view.quote["total"])),
        discounts=[
            schemas.ConfirmedDiscount(code=code, amount=money_text(Decimal(amount)))
            for code, _, amount in view.quote["applied"]
        ],
    )
