-- purpose: counts how many of each variant's recipients converted within the horizon, for the one comparison of a launch
-- parameters: run; source_key (the launch's key with the colon before a recipient's occasion); hours (the horizon); metric (ordered,
--   clicked or opened; opens and clicks of machines do not count)
-- locks: none
-- plan: the launch's recipients once, for each an index look-up
SELECT r.variant, count(*), count(*) FILTER (WHERE
    CASE WHEN %(metric)s = 'ordered' THEN EXISTS (
        SELECT FROM orders_order o WHERE o.member_id = r.member_id AND o.status = 'paid'
        AND o.placed_at >= r.due_at AND o.placed_at < r.due_at + make_interval(hours => %(hours)s))
    ELSE EXISTS (
        SELECT FROM messaging_message m JOIN messaging_messageevent e ON e.message_id = m.id
        WHERE m.member_id = r.member_id AND m.source_key = %(source_key)s || r.occasion AND e.kind = %(metric)s
        AND e.at < r.due_at + make_interval(hours => %(hours)s))
    END)
FROM campaigns_recipient r
WHERE r.run_id = %(run)s AND r."group" = 'treated' AND r.variant <> ''
GROUP BY r.variant
ORDER BY r.variant
