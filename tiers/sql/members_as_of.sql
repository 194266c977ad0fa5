-- purpose: where every member stood at the end of a business date: tier, points, growth, and a year's spend
-- parameters: ladder, date, gone (lots that expire on or before it are left out), starts (first date of the year's
--   spend), lowest (code of the tier of those on whom nothing was decided yet), login (how the source of a log-in begins)
-- locks: none; one statement sees one moment
-- plan: entries after the date by points_entry_by_date; all else read once and hashed by member
--
-- Lots of 9999-12-30 (kit.dates.WHILE_ACTIVE) end with the balance's idle_until: what is not booked as expired and whose
-- date is over had ended then too, for a deed in between would have booked it first.
--
-- What is there now less what was booked for later dates is what was there then, whether nights were run or not.
WITH later AS MATERIALIZED (
    SELECT member_id, wallet, points, debt_change, active_on, expires_on, lot_active_on, lot_expires_on, lot_points
    FROM points_entry
    WHERE business_date > %(date)s
), lots AS (
    SELECT member_id, active_on, expires_on, points FROM points_lot WHERE wallet = 'points'
    UNION ALL
    SELECT member_id, active_on, expires_on, -(points + debt_change)
    FROM later
    WHERE wallet = 'points' AND lot_points IS NULL
    UNION ALL
    SELECT member_id, lot.active_on, lot.expires_on, -sign(later.points)::bigint * lot.points
    FROM later
    CROSS JOIN LATERAL unnest(lot_active_on, lot_expires_on, lot_points) lot (active_on, expires_on, points)
    WHERE wallet = 'points' AND lot_points IS NOT NULL
), held AS (
    SELECT
        member_id,
        sum(points) FILTER (WHERE active_on <= %(date)s) AS available,
        sum(points) FILTER (WHERE active_on > %(date)s) AS pending
    FROM lots
    LEFT JOIN (
        SELECT member_id FROM points_balance WHERE wallet = 'points' AND idle_until <= %(gone)s
    ) idle USING (member_id)
    WHERE expires_on > %(gone)s AND NOT (expires_on = '9999-12-30' AND idle.member_id IS NOT NULL)
    GROUP BY member_id
), balances AS (
    SELECT
        member_id,
        sum(debt) FILTER (WHERE wallet = 'points') AS debt,
        sum(available + pending - debt) FILTER (WHERE wallet = 'growth') AS growth
    FROM points_balance
    GROUP BY member_id
), undone AS (
    SELECT
        member_id,
        sum(debt_change) FILTER (WHERE wallet = 'points') AS debt,
        sum(points) FILTER (WHERE wallet = 'growth') AS growth
    FROM later
    GROUP BY member_id
), spent AS (
    SELECT member_id, sum(spend) AS spend, sum(orders) AS orders
    FROM orders_spendmovement
    WHERE counts_on >= %(starts)s AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY member_id
), stood AS (
    SELECT DISTINCT ON (member_id)
        member_id, to_tier_id, until_date,
        coalesce(
            since_date,
            max(business_date) FILTER (WHERE kind IN ('joined', 'upgrade', 'downgrade')) OVER (PARTITION BY member_id)
        ) AS since
    FROM tiers_decision
    WHERE ladder_id = %(ladder)s AND business_date <= %(date)s
    ORDER BY member_id, seq DESC
), known AS (
    SELECT DISTINCT ON (member_id) member_id, value
    FROM members_identity
    -- A log-in of elsewhere is no id of the shop's.
    WHERE kind = 'external' AND NOT starts_with(source, %(login)s)
    ORDER BY member_id, id
)
SELECT
    member.number,
    coalesce(known.value, ''),
    coalesce(tier.code, %(lowest)s),
    stood.since,
    stood.until_date,
    coalesce(held.available, 0),
    coalesce(held.pending, 0),
    coalesce(balances.debt, 0) - coalesce(undone.debt, 0),
    coalesce(balances.growth, 0) - coalesce(undone.growth, 0),
    coalesce(spent.spend, 0),
    coalesce(spent.orders, 0)
FROM members_member member
LEFT JOIN known ON known.member_id = member.id
LEFT JOIN stood ON stood.member_id = member.id
LEFT JOIN tiers_tier tier ON tier.id = stood.to_tier_id
LEFT JOIN held ON held.member_id = member.id
LEFT JOIN balances ON balances.member_id = member.id
LEFT JOIN undone ON undone.member_id = member.id
LEFT JOIN spent ON spent.member_id = member.id
ORDER BY member.id
