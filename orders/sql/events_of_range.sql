-- purpose: the booked events of a range of members since a date, in the order in which they happened
-- parameters: after, upto (ids of members, the first excluded), since (date), until (instant), but (a type left out)
-- locks: none
-- plan: orders_shopevent_of_member over the range
SELECT member_id, source, event_id, type, occurred_at, business_date, properties
FROM orders_shopevent
WHERE member_id > %(after)s AND member_id <= %(upto)s AND business_date >= %(since)s AND occurred_at <= %(until)s
    AND type <> %(but)s AND booked_at IS NOT NULL
ORDER BY member_id, occurred_at, event_id
