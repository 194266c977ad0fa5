-- purpose: as find_all, for ladders whose window begins with each member's own date, or that ask for more metrics
-- parameters: ladder, date, zone, by_member (whether the window is the membership year), starts (its first date
--   otherwise, and the least of all), active_days, referrals (whether the ladder asks for them);
--   reach_spend, reach_orders, reach_growth, reach_active_days, reach_years, reach_referrals (what may lift rank 0, 1,
--   2, ... at least one higher); keep_spend, keep_orders, keep_growth, keep_active_days, keep_years, keep_referrals
--   (what may keep rank 0, 1, 2, ...)
--   not_own (types of events that are no deed of the member's own)
-- locks: none; lock_found follows
-- plan: what counts since the least date read once each, grouped by member, and hashed with standings and members
CREATE TEMPORARY TABLE tiers_found AS
WITH joined AS (
    SELECT
        id AS member_id, (joined_at AT TIME ZONE %(zone)s)::date AS joined_on,
        extract(year FROM %(date)s::date)::int - extract(year FROM joined_at AT TIME ZONE %(zone)s)::int AS calendar_years
    FROM members_member
    WHERE joined_at IS NOT NULL
), turned AS (
    SELECT
        *,
        calendar_years
            - ((joined_on + make_interval(years => calendar_years))::date > %(date)s)::int AS years
    FROM joined
), began AS MATERIALIZED (
    SELECT
        member_id, greatest(years, 0) AS years,
        CASE
            WHEN %(by_member)s THEN greatest((joined_on + make_interval(years => years))::date, joined_on)
            ELSE %(starts)s
        END AS starts
    FROM turned
), spent AS (
    SELECT member_id, sum(spend) AS spend, sum(orders)::int AS orders
    FROM orders_spendmovement
    JOIN began USING (member_id)
    WHERE counts_on >= %(starts)s AND counts_on >= began.starts AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY member_id
), grown AS (
    SELECT member_id, sum(points)::bigint AS growth
    FROM points_entry
    JOIN began USING (member_id)
    WHERE wallet = 'growth' AND counts_on >= %(starts)s AND counts_on >= began.starts AND counts_on <= %(date)s
        AND business_date <= %(date)s
    GROUP BY member_id
), acted AS (
    SELECT member_id, counts_on AS date
    FROM orders_spendmovement
    JOIN began USING (member_id)
    WHERE %(active_days)s AND counts_on >= began.starts AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY member_id, counts_on
    HAVING sum(orders) > 0
    UNION
    SELECT member_id, business_date
    FROM orders_shopevent
    JOIN began USING (member_id)
    WHERE %(active_days)s AND business_date >= began.starts AND business_date <= %(date)s
        AND type <> ALL(%(not_own)s)
), active AS (
    SELECT member_id, count(*) AS days FROM acted GROUP BY member_id
), referred AS (
    SELECT member_id, count(*) AS friends
    FROM points_entry
    JOIN began USING (member_id)
    WHERE %(referrals)s AND wallet = 'points' AND kind = 'accrual'
        AND business_date >= began.starts AND business_date <= %(date)s
        AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend'
    GROUP BY member_id
), facts AS (
    SELECT
        standing.*,
        -- Who awaits a higher tier is looked at above that; who was given one also where he earns it.
        CASE
            WHEN hold_kind <> '' THEN rank
            WHEN next_tier_id IS NULL THEN rank + 1
            ELSE greatest(rank, (SELECT rank FROM tiers_tier WHERE id = next_tier_id)) + 1
        END AS place,
        coalesce(spent.spend, 0) AS new_spend,
        coalesce(spent.orders, 0) AS new_orders,
        coalesce(grown.growth, 0) AS new_growth,
        coalesce(active.days, 0) AS new_active_days,
        coalesce(began.years, 0) AS new_years,
        coalesce(referred.friends, 0) AS new_referrals
    FROM tiers_standing standing
    LEFT JOIN began USING (member_id)
    LEFT JOIN spent USING (member_id)
    LEFT JOIN grown USING (member_id)
    LEFT JOIN active USING (member_id)
    LEFT JOIN referred USING (member_id)
    WHERE standing.ladder_id = %(ladder)s
), judged AS (
    SELECT
        *,
        least(coalesce(grace_date, until_date), next_date - 1) <= %(date)s
        OR new_spend >= (%(reach_spend)s::numeric[])[place]
        OR new_orders >= (%(reach_orders)s::bigint[])[place]
        OR new_growth >= (%(reach_growth)s::bigint[])[place]
        OR new_active_days >= (%(reach_active_days)s::bigint[])[place]
        OR new_years >= (%(reach_years)s::bigint[])[place]
        OR new_referrals >= (%(reach_referrals)s::bigint[])[place]
        OR grace_date IS NOT NULL AND (
            new_spend >= (%(keep_spend)s::numeric[])[rank + 1]
            OR new_orders >= (%(keep_orders)s::bigint[])[rank + 1]
            OR new_growth >= (%(keep_growth)s::bigint[])[rank + 1]
            OR new_active_days >= (%(keep_active_days)s::bigint[])[rank + 1]
            OR new_years >= (%(keep_years)s::bigint[])[rank + 1]
            OR new_referrals >= (%(keep_referrals)s::bigint[])[rank + 1]
        ) AS decides
    FROM facts
)
SELECT
    member_id, coalesce(decides, false) AS decides, new_spend AS spend, new_orders AS orders, new_growth AS growth,
    spend AS spend_before, orders AS orders_before, growth AS growth_before
FROM judged
WHERE growth <> new_growth OR orders <> new_orders OR spend <> new_spend OR decides
