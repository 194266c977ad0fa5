-- purpose: how many members have an order that counts in each of some periods
-- parameters: buyers_from, buyers_upto (arrays of the first and last dates, inclusive)
-- locks: none
-- plan: each period's movements by orders_spendmovement_date, grouped by member
SELECT period.n, buyers.number
FROM unnest(%(buyers_from)s::date[], %(buyers_upto)s::date[]) WITH ORDINALITY AS period (starts_on, ends_on, n)
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM orders_spendmovement
        WHERE counts_on BETWEEN period.starts_on AND period.ends_on
        GROUP BY member_id
        HAVING sum(orders) > 0) buyer) buyers
