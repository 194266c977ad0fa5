-- purpose: on how many dates of a window a member had an order that counts, or did something himself
-- parameters: member_id, starts, date (the window, both inclusive; what became known later does not count)
--   not_own (types of events that are no deed of the member's own)
-- locks: none
-- plan: the member's rows by orders_spendmovement_window and orders_shopevent_of_member
--
-- What a friend's order or the night brings about is no deed of his own.
SELECT count(*) FROM (
    SELECT counts_on FROM orders_spendmovement
    WHERE member_id = %(member_id)s AND counts_on >= %(starts)s AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY counts_on
    HAVING sum(orders) > 0
    UNION
    SELECT business_date FROM orders_shopevent
    WHERE member_id = %(member_id)s AND business_date >= %(starts)s AND business_date <= %(date)s
        AND type <> ALL(%(not_own)s)
) active
