-- purpose: what rules and caps were asked with when the deeds of a range of members were first booked, since an instant
-- parameters: after, upto (ids of members, the first excluded), starts_at
-- locks: none
-- plan: the primary key of points_earning over the range
SELECT deed_key, facts
FROM points_earning
WHERE member_id > %(after)s AND member_id <= %(upto)s AND at >= %(starts_at)s
