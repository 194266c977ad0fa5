-- purpose: all that counts of one member since a date; a row is what tiers.rules.Counted says
-- parameters: member_id, since, active_days, referrals (whether the ladder asks for these metrics)
--   not_own (types of events that are no deed of the member's own)
-- locks: none
-- plan: index-only scans of orders_spendmovement_window and points_entry_growth_window; events and entries of the member
--   only where the ladder asks for them
SELECT counts_on, known_on, spend, orders::int, 0 AS growth, 0 AS events, 0 AS referrals
FROM orders_spendmovement
WHERE member_id = %(member_id)s AND counts_on >= %(since)s
UNION ALL
SELECT counts_on, business_date, 0, 0, points, 0, 0
FROM points_entry
WHERE member_id = %(member_id)s AND wallet = 'growth' AND counts_on >= %(since)s
UNION ALL
SELECT business_date, business_date, 0, 0, 0, 1, 0
FROM orders_shopevent
WHERE %(active_days)s AND member_id = %(member_id)s AND business_date >= %(since)s
    AND type <> ALL(%(not_own)s)
UNION ALL
SELECT business_date, business_date, 0, 0, 0, 0, 1
FROM points_entry
WHERE %(referrals)s AND member_id = %(member_id)s AND wallet = 'points' AND kind = 'accrual'
    AND business_date >= %(since)s
    AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend'
