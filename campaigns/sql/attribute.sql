-- purpose: attributes the orders of a range of members to the last touch by which a campaign reached them before: a coupon of the
--   campaign that paid for the order before all else, then the latest click, opening or message within its channel's
--   window. Written once; what the order is worth by now is read from the order
-- parameters: rules (the id of those in force); windows ({channel: {touch: hours}}); longest (the longest window in hours);
--   since, until (orders placed from and before); after, upto (the range of member ids); now
-- locks: the new rows
-- plan: recipients of the range by member, orders by member and time, messages by their unique key
WITH placed AS (
    SELECT o.id, o.member_id, o.placed_at, o.source, o.order_id
    FROM orders_order o
    WHERE o.member_id > %(after)s AND o.member_id <= %(upto)s
      AND o.placed_at >= %(since)s AND o.placed_at < %(until)s AND o.status = 'paid' AND o.booked_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM campaigns_conversion c WHERE c.order_id = o.id)
), touches AS (
    SELECT placed.id AS order_id, placed.member_id, r.id AS recipient_id, m.channel, touch.name AS touch, touch.at
    FROM placed
    JOIN campaigns_recipient r ON r.member_id = placed.member_id AND r."group" = 'treated'
         AND r.due_at <= placed.placed_at AND r.due_at > placed.placed_at - make_interval(hours => %(longest)s + 24 * 90)
    JOIN campaigns_run run ON run.id = r.run_id
    JOIN messaging_message m ON m.member_id = r.member_id
         AND m.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion
    CROSS JOIN LATERAL (
        SELECT 'sent' AS name, m.sent_at AS at WHERE m.sent_at IS NOT NULL
        UNION ALL
        SELECT e.kind, e.at FROM messaging_messageevent e WHERE e.message_id = m.id AND e.kind IN ('opened', 'clicked')
    ) AS touch
    WHERE touch.at <= placed.placed_at
      AND touch.at > placed.placed_at - make_interval(hours => coalesce((%(windows)s::jsonb -> m.channel ->> touch.name)::int, 0))
), paid_with AS (
    SELECT placed.id AS order_id, placed.member_id, r.id AS recipient_id, 'inbox' AS channel, 'coupon' AS touch, c.issued_at AS at
    FROM placed
    JOIN benefits_checkout k ON k.order_key = 'order:' || replace(replace(placed.source, '%%', '%%25'), ':', '%%3A') || ':'
         || replace(replace(placed.order_id, '%%', '%%25'), ':', '%%3A') AND k.state = 'confirmed'
    JOIN benefits_taking t ON t.checkout_id = k.id
    JOIN benefits_coupon c ON c.id = t.coupon_id AND c.source_key LIKE 'campaign:%%'
    JOIN campaigns_recipient r ON r.member_id = placed.member_id
    JOIN campaigns_run run ON run.id = r.run_id
         AND c.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion
), best AS (
    SELECT DISTINCT ON (order_id) * FROM (SELECT * FROM touches UNION ALL SELECT * FROM paid_with) AS candidate
    ORDER BY order_id, touch = 'coupon' DESC, at DESC, touch, recipient_id
)
INSERT INTO campaigns_conversion (order_id, recipient_id, member_id, channel, touch, touched_at, rules_id, at)
SELECT order_id, recipient_id, member_id, channel, touch, at, %(rules)s, %(now)s FROM best
ON CONFLICT (order_id) DO NOTHING
