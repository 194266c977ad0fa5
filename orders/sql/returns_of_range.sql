-- purpose: what came back of the orders that orders_of_range finds, in order of time
-- parameters: after, upto (ids of members, the first excluded), since (date of the order), until (instant)
-- locks: none
-- plan: orders_order_of_member over the range, the refunds by their order's key
SELECT o.id, r.refund_id, r.refunded_at, r.lines
FROM orders_order o
JOIN orders_refund r ON r.order_id = o.id
WHERE o.member_id > %(after)s AND o.member_id <= %(upto)s AND o.business_date >= %(since)s AND o.placed_at <= %(until)s
    AND o.booked_at IS NOT NULL AND r.booked_at IS NOT NULL AND r.refunded_at <= %(until)s
ORDER BY o.id, r.refunded_at, r.refund_id
