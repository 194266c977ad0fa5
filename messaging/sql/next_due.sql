-- purpose: whether anything is due that a sender could take now
-- parameters: at
-- locks: none
-- plan: messaging_message_due for service; messaging_message_next once for each dispatch under way and for none
SELECT
    EXISTS (
        SELECT FROM messaging_message message
        LEFT JOIN messaging_dispatch dispatch ON dispatch.id = message.dispatch_id
        WHERE message.state = 'queued' AND message.purpose = 'service' AND message.due_at <= %(at)s::timestamptz
            AND (dispatch.id IS NULL OR dispatch.state = 'running')
    )
    OR EXISTS (
        SELECT
        FROM (SELECT id FROM messaging_dispatch WHERE state = 'running' UNION ALL SELECT 0) dispatch
        CROSS JOIN LATERAL (
            SELECT FROM messaging_message message
            WHERE message.state = 'queued' AND message.purpose = 'marketing'
                AND coalesce(message.dispatch_id, 0) = dispatch.id AND message.due_at <= %(at)s::timestamptz
            LIMIT 1
        ) due
    )
