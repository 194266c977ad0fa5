-- purpose: on which dates before a date the members of a range did events of some types
-- parameters: after, upto (ids of members, the first excluded), since (date), recently (first date of those types whose
--     streak counts), recent, ever (types)
-- locks: none
-- plan: orders_shopevent_of_member over the range
SELECT member_id, type, business_date
FROM orders_shopevent
WHERE member_id > %(after)s AND member_id <= %(upto)s AND business_date < %(since)s AND booked_at IS NOT NULL
    AND (type = ANY(%(ever)s) OR type = ANY(%(recent)s) AND business_date >= %(recently)s)
