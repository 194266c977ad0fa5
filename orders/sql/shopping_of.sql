-- purpose: when a member's last order by an instant was placed, and what was bought and what was returned in a window as
--   it was known at its end
-- parameters: member, at, starts_on, ends_on
-- locks: none
-- plan: the end of orders_order_of_member, and an index-only scan of orders_spendmovement_window
SELECT
    (SELECT max(placed_at) FROM orders_order WHERE member_id = %(member)s AND placed_at <= %(at)s),
    (sum(spend) FILTER (WHERE spend > 0)), (sum(spend) FILTER (WHERE spend < 0))
FROM orders_spendmovement
WHERE member_id = %(member)s AND counts_on BETWEEN %(starts_on)s AND %(ends_on)s AND known_on <= %(ends_on)s
