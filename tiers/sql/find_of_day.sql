-- purpose: as find_all, for members whose window changed with a date, and those whose validity or grace has ended
-- parameters: ladder, date, starts (first date of the window), fell (the date before it);
--   reach_spend, reach_orders, reach_growth (what may lift rank 0, 1, 2, ... at least one higher);
--   keep_spend, keep_orders, keep_growth (what may keep rank 0, 1, 2, ...)
-- locks: none; lock_found follows. keep_found made the table, which is empty
-- plan: index-only scans of the dates, tiers_standing_ending and _beginning; per member found, by key, tiers_standing,
--   and index-only orders_spendmovement_window and points_entry_growth_window
INSERT INTO tiers_found (
    member_id, decides, spend, orders, growth, spend_before, orders_before, growth_before
)
WITH touched AS MATERIALIZED (
    SELECT member_id FROM orders_spendmovement WHERE counts_on IN (%(date)s, %(fell)s)
    UNION
    SELECT member_id FROM orders_spendmovement WHERE known_on = %(date)s AND known_on <> counts_on
    UNION
    SELECT member_id FROM points_entry WHERE wallet = 'growth' AND counts_on IN (%(date)s, %(fell)s)
    UNION
    SELECT member_id FROM points_entry WHERE wallet = 'growth' AND business_date = %(date)s AND business_date <> counts_on
    UNION
    SELECT member_id FROM tiers_standing
    WHERE ladder_id = %(ladder)s AND until_date <= %(date)s AND coalesce(grace_date, until_date) <= %(date)s
    UNION
    SELECT member_id FROM tiers_standing
    WHERE ladder_id = %(ladder)s AND next_date IS NOT NULL AND next_date <= %(date)s + 1
    ORDER BY member_id
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
        coalesce(spent.orders, 0)::int AS new_orders,
        coalesce(grown.growth, 0)::bigint AS new_growth
    FROM touched
    CROSS JOIN LATERAL (
        -- OFFSET keeps the planner, who thinks of many more members than a day has, from reading everybody's standing.
        SELECT * FROM tiers_standing WHERE member_id = touched.member_id AND ladder_id = %(ladder)s OFFSET 0
    ) standing
    CROSS JOIN LATERAL (
        SELECT sum(spend) AS spend, sum(orders) AS orders
        FROM orders_spendmovement movement
        WHERE movement.member_id = touched.member_id
            AND counts_on >= %(starts)s AND counts_on <= %(date)s AND known_on <= %(date)s
    ) spent
    CROSS JOIN LATERAL (
        SELECT sum(points) AS growth
        FROM points_entry entry
        WHERE entry.member_id = touched.member_id AND wallet = 'growth'
            AND counts_on >= %(starts)s AND counts_on <= %(date)s AND business_date <= %(date)s
    ) grown
    -- Of whom an event of the date itself, or of a later one, has summed the same window, nothing more is to be learnt.
    WHERE standing.counted_on IS NULL OR standing.counted_on < %(date)s
        OR least(coalesce(standing.grace_date, standing.until_date), standing.next_date - 1) <= %(date)s
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
