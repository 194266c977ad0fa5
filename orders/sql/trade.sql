-- purpose: what the staff look at first, at one go: what each date of two periods came to, how many members bought in the time
--   before each ends, how many first-time buyers of the time before each ordered again, and what waits for its member
-- parameters: dates_from, dates_upto (both inclusive); buyers, second_orders, parked (those statements)
-- locks: none
-- plan: orders_spendmovement_date, grouped; then as those statements say
SELECT 'date' AS what, counts_on AS date, 0 AS n, sum(spend) AS spend, sum(orders) AS number, 0 AS seconds, NULL::timestamptz AS at
FROM orders_spendmovement
WHERE counts_on BETWEEN %(dates_from)s AND %(dates_upto)s
GROUP BY counts_on
UNION ALL
SELECT 'buyers', NULL, n, 0, number, 0, NULL FROM (%(buyers)s) AS bought (n, number)
UNION ALL
SELECT 'second', NULL, n, 0, firsts, seconds, NULL FROM (%(second_orders)s) AS again (n, firsts, seconds)
UNION ALL
SELECT 'parked', NULL, 0, 0, orders, events, oldest FROM (%(parked)s) AS waiting (orders, events, oldest)
ORDER BY what, date, n
