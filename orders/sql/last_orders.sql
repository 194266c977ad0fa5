-- purpose: when some members placed their last paid order
-- parameters: members (ids)
-- locks: none
-- plan: for each member the first rows of orders_order_of_member
SELECT wanted.id, last.placed_at
FROM unnest(%(members)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT placed_at FROM orders_order
    WHERE member_id = wanted.id AND status = 'paid'
    ORDER BY placed_at DESC
    LIMIT 1) last
