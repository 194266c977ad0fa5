-- purpose: the booked orders of a range of members since a date, a row per line, in the order in which they were placed
-- parameters: after, upto (ids of members, the first excluded), since (date), until (instant)
-- locks: none
-- plan: orders_order_of_member over the range, the lines by their order's key
SELECT
    o.member_id, o.id, o.source, o.order_id, o.status, o.placed_at, o.business_date,
    coalesce(o.status_at, o.stated_at), o.revision, o.tax, o.shipping, o.points_paid, o.basis,
    l.line_id, l.basis, l.quantity, l.unit_price, l.sku, l.category, l.brand
FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id
WHERE o.member_id > %(after)s AND o.member_id <= %(upto)s AND o.business_date >= %(since)s AND o.placed_at <= %(until)s
    AND o.booked_at IS NOT NULL
ORDER BY o.member_id, o.placed_at, o.order_id, o.id, l.position
