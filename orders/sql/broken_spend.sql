-- purpose: members whose booked spend is not what their orders are worth by now
-- parameters: currencies, exponents (currencies whose smallest coin is not a hundredth, and its decimals)
-- locks: none; one statement sees one moment
-- plan: orders_orderline and orders_order read once each and hashed by order, orders_spendmovement once by member
WITH coins AS (
    SELECT coin.* FROM unnest(%(currencies)s::text[], %(exponents)s::int[]) AS coin (currency, exponent)
), orders AS (
    SELECT
        placed.member_id, placed.status,
        sum(line.basis - CASE
            WHEN refunded_quantity = 0 THEN 0
            WHEN refunded_quantity = quantity THEN line.basis
            ELSE round(line.basis * refunded_quantity / quantity, coalesce(coins.exponent, 2))
        END) AS spend,
        bool_or(refunded_quantity < quantity)::int AS kept
    FROM orders_order placed
    JOIN orders_orderline line ON line.order_id = placed.id
    LEFT JOIN coins ON coins.currency = placed.currency
    WHERE placed.booked_at IS NOT NULL
    GROUP BY placed.id
), worth AS (
    SELECT member_id, sum(spend) AS spend, sum(kept) AS orders FROM orders WHERE status = 'paid' GROUP BY member_id
), booked AS (
    SELECT member_id, sum(spend) AS spend, sum(orders) AS orders
    FROM orders_spendmovement
    WHERE source_key >= 'order:' AND source_key < 'order;'
    GROUP BY member_id
)
SELECT
    member.number, coalesce(booked.spend, 0), coalesce(booked.orders, 0), coalesce(worth.spend, 0), coalesce(worth.orders, 0)
FROM worth
FULL JOIN booked USING (member_id)
JOIN members_member member ON member.id = member_id
WHERE coalesce(worth.spend, 0) <> coalesce(booked.spend, 0) OR coalesce(worth.orders, 0) <> coalesce(booked.orders, 0)
ORDER BY member.id
