-- purpose: how many orders and events wait for their member, counted up to a limit
-- parameters: most (count no further)
-- locks: none
-- plan: orders_order_parked and orders_shopevent_parked, each ending at the limit
SELECT
    (SELECT count(*) FROM (SELECT FROM orders_order WHERE member_id IS NULL LIMIT %(most)s) o),
    (SELECT count(*) FROM (SELECT FROM orders_shopevent WHERE member_id IS NULL LIMIT %(most)s) e),
    (SELECT min(placed_at) FROM (
        SELECT placed_at FROM orders_order WHERE member_id IS NULL ORDER BY id LIMIT %(most)s) oldest)
