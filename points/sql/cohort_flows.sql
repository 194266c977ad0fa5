-- purpose: what each month put into the lots that became active in one month, and what it took out of them
-- parameters: ends_on (inclusive), while_active, never (the dates of lots without an end of their own)
-- locks: none; one statement sees one moment
-- plan: points_entry read once, its lots unfolded and grouped; of points_lot what ended and is not booked, by
--   points_lot_expiring
--
-- Lots that never expire have no breakage and are left out. What a late night has not booked yet counts as expired on
-- its date. Before its lots are active nothing but a return can happen to a cohort; that counts in its first month.
WITH moved AS (
    SELECT
        unnest(coalesce(lot_active_on, ARRAY[active_on])) AS active_on,
        unnest(coalesce(lot_expires_on, ARRAY[expires_on])) AS expires_on,
        business_date AS on_date, kind,
        unnest(coalesce(lot_points, ARRAY[points + debt_change]))
            * CASE WHEN lot_points IS NULL THEN 1 ELSE sign(points)::bigint END AS points
    FROM points_entry
    WHERE wallet = 'points' AND business_date <= %(ends_on)s
    UNION ALL
    SELECT active_on, expires_on, expires_on, 'expiry', -points
    FROM points_lot
    WHERE wallet = 'points' AND expires_on <= %(ends_on)s
    UNION ALL
    SELECT active_on, expires_on, idle_until, 'expiry', -points
    FROM points_lot
    JOIN points_balance balance USING (member_id, wallet)
    WHERE wallet = 'points' AND expires_on = %(while_active)s AND idle_until <= %(ends_on)s
)
SELECT
    date_trunc('month', active_on)::date AS cohort,
    date_trunc('month', greatest(on_date, active_on))::date AS month,
    coalesce(sum(points) FILTER (WHERE kind NOT IN ('redemption', 'restoration', 'expiry')), 0)::bigint,
    coalesce(-sum(points) FILTER (WHERE kind IN ('redemption', 'restoration')), 0)::bigint,
    coalesce(-sum(points) FILTER (WHERE kind = 'expiry'), 0)::bigint,
    max(expires_on)
FROM moved
WHERE active_on <= %(ends_on)s AND expires_on <> %(never)s
GROUP BY 1, 2
ORDER BY 1, 2
