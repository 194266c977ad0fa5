-- purpose: all that counts since a date of those members of a range of whom something may have to be decided
-- parameters: above, upto (member ids), since, active_days, referrals (whether the ladder asks for these metrics)
--   not_own (types of events that are no deed of the member's own)
-- locks: none
-- plan: the temporary table within the range; per member index-only scans of orders_spendmovement_window and
--   points_entry_growth_window, or these hashed where there are many; what the ladder does not ask for is not read
--
-- A row is what tiers.rules.Counted says, behind the member's id.
SELECT movement.member_id, counts_on, known_on, movement.spend, movement.orders::int, 0 AS growth, 0, 0
FROM tiers_found found
JOIN orders_spendmovement movement ON movement.member_id = found.member_id
WHERE found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s AND counts_on >= %(since)s
UNION ALL
SELECT entry.member_id, counts_on, business_date, 0, 0, points, 0, 0
FROM tiers_found found
JOIN points_entry entry ON entry.member_id = found.member_id
WHERE found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s
    AND wallet = 'growth' AND counts_on >= %(since)s
UNION ALL
SELECT event.member_id, business_date, business_date, 0, 0, 0, 1, 0
FROM tiers_found found
JOIN orders_shopevent event ON event.member_id = found.member_id
WHERE %(active_days)s AND found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s
    AND business_date >= %(since)s AND type <> ALL(%(not_own)s)
UNION ALL
SELECT entry.member_id, business_date, business_date, 0, 0, 0, 0, 1
FROM tiers_found found
JOIN points_entry entry ON entry.member_id = found.member_id
WHERE %(referrals)s AND found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s
    AND wallet = 'points' AND kind = 'accrual' AND business_date >= %(since)s
    AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend'
