-- purpose: how many members have an order that counts in a period
-- parameters: starts_on, ends_on (both inclusive)
-- locks: none
-- plan: the period's movements by orders_spendmovement_date, grouped by member
SELECT count(*) FROM (
    SELECT FROM orders_spendmovement
    WHERE counts_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY member_id
    HAVING sum(orders) > 0) buyer
