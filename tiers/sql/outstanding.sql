-- purpose: points outstanding at the end of a business date by tier held then, source, month of expiry and whether
--   they were still on hold; and what was owed, under the source debt with negative points
-- parameters: ladder, date, gone (lots that expire on or before it are left out), lowest (code of the tier of those on
--   whom nothing was decided yet), while_active (from this date on lots have no end of their own)
-- locks: none; one statement sees one moment
-- plan: points_entry read once; what touched lots that have not ended is grouped by member, lot and source, sorted by lot
--   for the shares; decisions and balances read once, hashed by member
--
-- A source is order, sign_up, event:<type>, or the kind of an entry that is no accrual. What is left of a lot is shared
-- over the sources that put points into it, by largest remainder, as kit.money.share does with them in the order of their
-- names. What reverses an accrual is taken off its source. What was restored came from the sources before, so it is one
-- itself only in a lot that nothing else went into.
WITH unfolded AS (
    -- A row per lot that an entry touched, and one without dates where it changed the debt. Unfolded in the list of
    -- columns: a lateral join does the same at four times the cost.
    SELECT
        member_id, kind,
        CASE
            WHEN kind NOT IN ('accrual', 'reversal') THEN kind
            WHEN explanation -> 0 ->> 'code' = 'event' THEN 'event:' || (explanation -> 0 ->> 'type')
            ELSE split_part(source_key, ':', 1)
        END COLLATE "C" AS source,
        unnest(coalesce(lot_active_on, ARRAY[active_on]) || CASE WHEN debt_change <> 0 THEN ARRAY[NULL::date] END)
            AS active_on,
        unnest(coalesce(lot_expires_on, ARRAY[expires_on]) || CASE WHEN debt_change <> 0 THEN ARRAY[NULL::date] END)
            AS expires_on,
        unnest(coalesce(lot_points, ARRAY[points + debt_change])
            || CASE WHEN debt_change <> 0 THEN ARRAY[-debt_change * direction] END) * direction AS points
    FROM points_entry
    CROSS JOIN LATERAL (VALUES (CASE WHEN lot_points IS NULL THEN 1 ELSE sign(points)::bigint END)) signed (direction)
    WHERE wallet = 'points' AND business_date <= %(date)s
), moved AS (
    SELECT
        member_id, active_on, expires_on,
        CASE WHEN active_on IS NULL THEN 'debt' ELSE source END AS source,
        sum(points) AS points,
        greatest(sum(points) FILTER (WHERE points > 0 OR kind = 'reversal'), 0)::bigint AS fed
    FROM unfolded
    WHERE expires_on > %(gone)s OR active_on IS NULL
    GROUP BY 1, 2, 3, 4
), fed AS (
    SELECT
        moved.*,
        sum(points) OVER lots AS held,
        sum(fed) FILTER (WHERE source <> 'restoration') OVER lots AS fed_anew
    FROM moved
    WINDOW lots AS (PARTITION BY member_id, active_on, expires_on)
), weighed AS (
    SELECT
        fed.member_id, active_on, expires_on, source, held::bigint AS held,
        CASE WHEN source = 'restoration' AND fed_anew > 0 THEN 0 ELSE fed END AS weight
    FROM fed
    LEFT JOIN points_balance balance
        ON balance.member_id = fed.member_id AND wallet = 'points' AND expires_on = %(while_active)s
    WHERE held > 0 AND active_on IS NOT NULL AND coalesce(balance.idle_until, expires_on) > %(gone)s
), shared AS (
    SELECT
        weighed.*,
        div(held * weight::numeric, sum(weight) OVER lots)::bigint AS part,
        mod(held * weight::numeric, sum(weight) OVER lots) AS remainder
    FROM weighed
    WHERE weight > 0
    WINDOW lots AS (PARTITION BY member_id, active_on, expires_on)
), outstanding AS (
    SELECT
        member_id, source, active_on > %(date)s AS is_pending,
        CASE WHEN expires_on >= %(while_active)s THEN expires_on ELSE date_trunc('month', expires_on)::date END AS lapses,
        part + (row_number() OVER (lots ORDER BY remainder DESC, source) <= held - sum(part) OVER lots)::int AS points
    FROM shared
    WINDOW lots AS (PARTITION BY member_id, active_on, expires_on)
    UNION ALL
    SELECT member_id, source, false, NULL, points FROM moved WHERE active_on IS NULL AND points <> 0
), stood AS (
    SELECT DISTINCT ON (member_id) member_id, to_tier_id
    FROM tiers_decision
    WHERE ladder_id = %(ladder)s AND business_date <= %(date)s
    ORDER BY member_id, seq DESC
)
SELECT coalesce(tier.code, %(lowest)s), source, lapses, is_pending, sum(points)::bigint
FROM outstanding
LEFT JOIN stood USING (member_id)
LEFT JOIN tiers_tier tier ON tier.id = stood.to_tier_id
WHERE points <> 0
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
