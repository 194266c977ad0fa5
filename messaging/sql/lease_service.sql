-- purpose: takes the service messages that are due longest for one sender
-- parameters: at, lease (uuid of the sender), until (when the lease runs out), size (at most)
-- locks: the rows taken; those that another sender is taking are passed over
-- plan: messaging_message_due from its beginning, dispatches by key; stops after size rows
WITH free AS (
    SELECT message.id
    FROM messaging_message message
    LEFT JOIN messaging_dispatch dispatch ON dispatch.id = message.dispatch_id
    WHERE message.state = 'queued' AND message.purpose = 'service' AND message.due_at <= %(at)s::timestamptz
        AND (dispatch.id IS NULL OR dispatch.state = 'running')
    ORDER BY message.due_at, message.id
    LIMIT %(size)s::int
    FOR UPDATE OF message SKIP LOCKED
)
UPDATE messaging_message message
SET state = 'leased', lease = %(lease)s::uuid, leased_until = %(until)s::timestamptz
FROM free
WHERE message.id = free.id
RETURNING message.id
