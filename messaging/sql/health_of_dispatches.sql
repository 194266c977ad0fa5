-- purpose: what became of the messages of dispatches that are under way
-- parameters: none
-- locks: none
-- plan: messaging_dispatch_open; messages counted from messaging_message_dispatched, events by messaging_messageevent_bad
SELECT
    dispatch.id, dispatch.errors_in_row, dispatch.errors_max,
    (SELECT count(*) FROM messaging_message WHERE dispatch_id = dispatch.id AND state IN ('sent', 'failed')) AS sent,
    coalesce(bad.bounced, 0), coalesce(bad.complained, 0)
FROM messaging_dispatch dispatch
LEFT JOIN (
    SELECT
        message.dispatch_id,
        count(DISTINCT event.message_id) FILTER (WHERE event.kind = 'bounced') AS bounced,
        count(DISTINCT event.message_id) FILTER (WHERE event.kind = 'complained') AS complained
    FROM messaging_messageevent event
    JOIN messaging_message message ON message.id = event.message_id
    JOIN messaging_dispatch its ON its.id = message.dispatch_id AND its.state = 'running'
    WHERE event.kind IN ('bounced', 'complained')
    GROUP BY message.dispatch_id
) bad ON bad.dispatch_id = dispatch.id
WHERE dispatch.state = 'running'
ORDER BY dispatch.id
