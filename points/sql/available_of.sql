-- purpose: what some members can spend on a date, decided from their lots, so that a late night changes nothing
-- parameters: members (ids), wallet, today, while_active (the date of lots that end with the wallet's idle_until)
-- locks: none
-- plan: for each member his lots by the primary key, and his balance by its own
SELECT lot.member_id, sum(points)::bigint
FROM points_lot lot
JOIN points_balance balance USING (member_id, wallet)
WHERE member_id = ANY(%(members)s) AND wallet = %(wallet)s AND active_on <= %(today)s AND expires_on >= %(today)s
    AND NOT (expires_on = %(while_active)s AND coalesce(idle_until, %(while_active)s) < %(today)s)
GROUP BY lot.member_id
