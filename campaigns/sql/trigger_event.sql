-- purpose: finds members who did something of a type that the shop told of, for a triggered campaign
-- parameters: run (its recipients are left); event (the type); since, until (when it was received)
-- locks: none
-- plan: orders_shopevent_received, a block range
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT e.member_id, 'event:' || e.id AS occasion, e.received_at AS at
    FROM orders_shopevent e
    WHERE e.received_at > %(since)s AND e.received_at <= %(until)s AND e.type = %(event)s AND e.member_id IS NOT NULL
      AND e.occurred_at > %(until)s::timestamptz - interval '2 days'
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
