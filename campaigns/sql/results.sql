-- purpose: says what came of launches together, a row for each group and variant: who was addressed, what became of their
--   messages, and what they did in the window that begins when a message reached them, or would have. Control members
--   are watched alike; revenue is what orders of the window are worth by now, returns taken off; beside it what the
--   launches have cost: the points they gave, and what their coupons took off orders, returns taken off
-- parameters: runs; days (the length of the window); goal (what counts as converted); points_each (what each member who
--   was given to got); now (nothing later counts)
-- locks: none
-- plan: the launches' recipients once; messages by their unique key, events by theirs, orders and movements by member; coupons by
--   member and key, takings by coupon
WITH people AS (
    SELECT r.id, r.member_id, r."group", r.variant, r.due_at, r.rewarded_at,
           'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion AS key,
           least(r.due_at + make_interval(days => %(days)s), %(now)s::timestamptz) AS watched_until
    FROM campaigns_recipient r JOIN campaigns_run run ON run.id = r.run_id
    WHERE r.run_id = ANY(%(runs)s)
), told AS (
    SELECT people.id,
           bool_or(m.state = 'sent') AS sent, bool_or(m.state = 'failed') AS failed,
           bool_or(m.state = 'skipped') AS skipped, bool_or(m.state = 'unknown') AS unknown,
           bool_or(m.state IN ('waiting', 'queued', 'leased', 'sending')) AS under_way,
           bool_or(e.delivered) AS delivered, bool_or(e.opened) AS opened, bool_or(e.machine_opened) AS machine_opened,
           bool_or(e.clicked) AS clicked, bool_or(e.unsubscribed) AS unsubscribed, bool_or(e.bounced) AS bounced,
           bool_or(e.complained) AS complained
    FROM people
    JOIN messaging_message m ON m.member_id = people.member_id AND m.source_key = people.key
    LEFT JOIN LATERAL (
        SELECT bool_or(e.kind = 'delivered') AS delivered, bool_or(e.kind = 'opened') AS opened,
               bool_or(e.kind = 'machine_opened') AS machine_opened, bool_or(e.kind = 'clicked') AS clicked,
               bool_or(e.kind = 'unsubscribed') AS unsubscribed, bool_or(e.kind IN ('bounced', 'soft_bounced')) AS bounced,
               bool_or(e.kind = 'complained') AS complained
        FROM messaging_messageevent e WHERE e.message_id = m.id AND e.at <= %(now)s
    ) e ON true
    WHERE people."group" = 'treated'
    GROUP BY people.id
), bought AS (
    SELECT people.id, count(*) FILTER (WHERE spent.net > 0) AS orders, coalesce(sum(spent.net), 0) AS revenue
    FROM people
    JOIN orders_order o ON o.member_id = people.member_id AND o.placed_at >= people.due_at AND o.placed_at < people.watched_until
    CROSS JOIN LATERAL (
        SELECT 'order:' || replace(replace(o.source, '%%', '%%25'), ':', '%%3A') || ':'
               || replace(replace(o.order_id, '%%', '%%25'), ':', '%%3A') AS name
    ) AS key
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.spend), 0) AS net FROM orders_spendmovement s
        WHERE s.member_id = o.member_id AND s.source_key >= key.name || ':' AND s.source_key < key.name || ';'
    ) AS spent
    WHERE o.booked_at IS NOT NULL
    GROUP BY people.id
), did AS (
    SELECT people.id,
           CASE %(goal)s
             WHEN 'order' THEN coalesce(bought.orders, 0) > 0
             WHEN 'click' THEN coalesce(told.clicked, false)
             WHEN 'check_in' THEN EXISTS (
                SELECT FROM orders_shopevent e WHERE e.member_id = people.member_id AND e.type = 'check_in'
                AND e.occurred_at >= people.due_at AND e.occurred_at < people.watched_until)
             WHEN 'redemption' THEN EXISTS (
                SELECT FROM benefits_redemption d WHERE d.member_id = people.member_id AND d.state = 'done'
                AND d.redeemed_at >= people.due_at AND d.redeemed_at < people.watched_until)
             ELSE coalesce(told.opened, false)
           END AS converted
    FROM people LEFT JOIN bought USING (id) LEFT JOIN told USING (id)
), taken AS (
    SELECT people.id, sum(t.amount - t.returned) AS amount
    FROM people
    JOIN benefits_coupon c ON c.member_id = people.member_id AND c.source_key = people.key
    JOIN benefits_taking t ON t.coupon_id = c.id AND NOT t.is_returned
    JOIN benefits_checkout k ON k.id = t.checkout_id AND k.state = 'confirmed'
    GROUP BY people.id
)
SELECT people."group", people.variant, count(*) AS members,
       count(*) FILTER (WHERE people.rewarded_at IS NOT NULL) AS rewarded,
       count(*) FILTER (WHERE told.sent) AS sent,
       count(*) FILTER (WHERE told.delivered) AS delivered,
       count(*) FILTER (WHERE told.opened) AS opened,
       count(*) FILTER (WHERE told.machine_opened AND NOT told.opened) AS machine_opened,
       count(*) FILTER (WHERE told.clicked) AS clicked,
       count(*) FILTER (WHERE told.unsubscribed) AS unsubscribed,
       count(*) FILTER (WHERE told.bounced) AS bounced,
       count(*) FILTER (WHERE told.complained) AS complained,
       count(*) FILTER (WHERE told.failed AND NOT told.sent) AS failed,
       count(*) FILTER (WHERE told.skipped AND NOT told.sent) AS skipped,
       count(*) FILTER (WHERE told.unknown) AS unknown,
       count(*) FILTER (WHERE told.under_way) AS under_way,
       count(*) FILTER (WHERE did.converted) AS converted,
       coalesce(sum(bought.orders), 0) AS orders,
       coalesce(sum(bought.revenue), 0) AS revenue,
       coalesce(sum(bought.revenue ^ 2), 0) AS revenue_squares,
       count(*) FILTER (WHERE people.rewarded_at IS NOT NULL) * %(points_each)s::bigint AS points,
       coalesce(sum(taken.amount), 0) AS coupons,
       count(taken.amount) AS coupons_used
FROM people
LEFT JOIN taken USING (id)
LEFT JOIN told USING (id)
LEFT JOIN bought USING (id)
JOIN did USING (id)
GROUP BY people."group", people.variant
ORDER BY people."group" DESC, people.variant
