-- purpose: orders that do not agree with their lines or returns
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: orders_orderline, orders_refund and orders_order read once each and hashed by order
WITH lines AS (
    SELECT order_id, sum(basis) AS basis, sum(refunded_quantity) AS returned FROM orders_orderline GROUP BY order_id
), returns AS (
    SELECT DISTINCT order_id FROM orders_refund WHERE booked_at IS NOT NULL
)
SELECT placed.source, placed.order_id, claim
FROM orders_order placed
LEFT JOIN lines ON lines.order_id = placed.id
LEFT JOIN returns ON returns.order_id = placed.id
CROSS JOIN LATERAL (VALUES
    ('basis', placed.basis <> coalesce(lines.basis, 0)),
    ('returned', lines.returned > 0 AND returns.order_id IS NULL)
) claims (claim, is_broken)
WHERE is_broken
ORDER BY placed.id, claim
