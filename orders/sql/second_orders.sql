-- purpose: of the members whose first order was placed in a period, how many placed a second one soon after
-- parameters: starts_on, ends_on (first order, both inclusive), within_days (from the first to the second)
-- locks: none
-- plan: buyers of the period by orders_spendmovement_date, then for each an index-only scan of his first two dates by
--       orders_spendmovement_window, which ends at the second
SELECT count(*) AS firsts,
    count(*) FILTER (WHERE first.orders > 1 OR second.counts_on <= first.counts_on + %(within_days)s::int) AS seconds
FROM (
    SELECT member_id FROM orders_spendmovement
    WHERE counts_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY member_id
    HAVING sum(orders) > 0) buyer
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
WHERE first.counts_on >= %(starts_on)s
