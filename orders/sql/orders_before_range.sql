-- purpose: how many booked orders that are still paid each member of a range had placed before a date
-- parameters: after, upto (ids of members, the first excluded), since (date)
-- locks: none
-- plan: orders_order_of_member over the range, grouped
SELECT member_id, count(*)
FROM orders_order
WHERE member_id > %(after)s AND member_id <= %(upto)s AND business_date < %(since)s AND status = 'paid'
    AND booked_at IS NOT NULL
GROUP BY member_id
