-- purpose: of the members whose first order was placed in each of some periods, how many placed a second one soon after
-- parameters: firsts_from, firsts_upto (arrays of the first and last dates of first orders, inclusive), within_days (from the first to
--   the second)
-- locks: none
-- plan: buyers of each period by orders_spendmovement_date; most have an earlier date of which nothing was taken back, which one
--       look at orders_spendmovement_window finds; of the few others an index-only scan of the first two dates, which ends at
--       the second
SELECT period.n, ordered.firsts, ordered.seconds
FROM unnest(%(firsts_from)s::date[], %(firsts_upto)s::date[]) WITH ORDINALITY AS period (starts_on, ends_on, n)
CROSS JOIN LATERAL (
    SELECT count(*) AS firsts,
        count(*) FILTER (WHERE first.orders > 1 OR second.counts_on <= first.counts_on + %(within_days)s::int) AS seconds
    FROM (
        SELECT member_id FROM orders_spendmovement
        WHERE counts_on BETWEEN period.starts_on AND period.ends_on
        GROUP BY member_id
        HAVING sum(orders) > 0 AND NOT EXISTS (
            SELECT FROM orders_spendmovement earlier
            WHERE earlier.member_id = orders_spendmovement.member_id AND earlier.counts_on < period.starts_on
              AND earlier.orders > 0 AND NOT EXISTS (
                SELECT FROM orders_spendmovement back
                WHERE back.member_id = earlier.member_id AND back.counts_on = earlier.counts_on AND back.orders < 0))) buyer
    CROSS JOIN LATERAL (
        SELECT counts_on, sum(orders) AS orders FROM orders_spendmovement
        WHERE member_id = buyer.member_id
        GROUP BY counts_on
        HAVING sum(orders) > 0
        ORDER BY counts_on
        LIMIT 1) first
    LEFT JOIN LATERAL (
        SELECT counts_on FROM orders_spendmovement
        WHERE member_id = buyer.member_id AND counts_on > first.counts_on
        GROUP BY counts_on
        HAVING sum(orders) > 0
        ORDER BY counts_on
        LIMIT 1) second ON true
    WHERE first.counts_on >= period.starts_on) ordered
