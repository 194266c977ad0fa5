-- purpose: what one member holds: a row a lot, with the debt and the end of lots that last while he is active beside
--   each; one row without a lot where he has none
-- parameters: member, wallet, today (lots that ended before it are left out)
-- locks: none
-- plan: the balance by its key, and the member's lots by theirs
SELECT coalesce(balance.debt, 0), balance.idle_until, lot.active_on, lot.expires_on, lot.points
FROM (VALUES (%(member)s::bigint)) AS wanted (member_id)
LEFT JOIN points_balance balance ON balance.member_id = wanted.member_id AND balance.wallet = %(wallet)s
LEFT JOIN points_lot lot
    ON lot.member_id = wanted.member_id AND lot.wallet = %(wallet)s AND lot.expires_on >= %(today)s
