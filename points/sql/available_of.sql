-- purpose: what some members can spend on a date, decided from their lots, so that a late night changes nothing
-- parameters: members (ids), wallet, today
-- locks: none
-- plan: for each member his lots by the primary key
SELECT member_id, sum(points)::bigint
FROM points_lot
WHERE member_id = ANY(%(members)s) AND wallet = %(wallet)s AND active_on <= %(today)s AND expires_on >= %(today)s
GROUP BY member_id
