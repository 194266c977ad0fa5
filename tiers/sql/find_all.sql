-- purpose: what counts in everybody's window, kept where it differs from the standing or may decide something
-- parameters: ladder, date, starts (first date of the window);
--   reach_spend, reach_orders, reach_growth (what may lift rank 0, 1, 2, ... at least one higher);
--   keep_spend, keep_orders, keep_growth (what may keep rank 0, 1, 2, ...)
-- locks: none; lock_found follows
-- plan: index-only scans of orders_spendmovement_window and points_entry_growth_window, grouped in the order of
--   members and merged with tiers_standing; parallel where the planner finds it worth it
CREATE TEMPORARY TABLE tiers_found AS
WITH spent AS (
    SELECT member_id, sum(spend) AS spend, sum(orders)::int AS orders
    FROM orders_spendmovement
    WHERE counts_on >= %(starts)s AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY member_id
), grown AS (
    SELECT member_id, sum(points)::bigint AS growth
    FROM points_entry
    WHERE wallet = 'growth' AND counts_on >= %(starts)s AND counts_on <= %(date)s AND business_date <= %(date)s
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
        coalesce(grown.growth, 0) AS new_growth
    FROM tiers_standing standing
    LEFT JOIN spent USING (member_id)
    LEFT JOIN grown USING (member_id)
    WHERE standing.ladder_id = %(ladder)s
), judged AS (
    SELECT
        *,
        least(coalesce(grace_date, until_date), next_date - 1) <= %(date)s
        OR new_orders >= (%(reach_orders)s::bigint[])[place]
        OR new_growth >= (%(reach_growth)s::bigint[])[place]
        OR new_spend >= (%(reach_spend)s::numeric[])[place]
        OR grace_date IS NOT NULL AND (
            new_orders >= (%(keep_orders)s::bigint[])[rank + 1]
            OR new_growth >= (%(keep_growth)s::bigint[])[rank + 1]
            OR new_spend >= (%(keep_spend)s::numeric[])[rank + 1]
        ) AS decides
    FROM facts
)
SELECT
    member_id, coalesce(decides, false) AS decides, new_spend AS spend, new_orders AS orders, new_growth AS growth,
    spend AS spend_before, orders AS orders_before, growth AS growth_before
FROM judged
WHERE growth <> new_growth OR orders <> new_orders OR spend <> new_spend OR decides
