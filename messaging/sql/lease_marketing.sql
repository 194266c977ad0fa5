-- purpose: takes the marketing messages of one dispatch, or of none, that are due longest for one sender
-- parameters: dispatch (its id, 0 for none), at, lease (uuid of the sender), until (when it runs out), size (at most)
-- locks: the rows taken; those that another sender is taking are passed over
-- plan: messaging_message_next from where the dispatch begins; stops after size rows
WITH free AS (
    SELECT message.id
    FROM messaging_message message
    WHERE message.state = 'queued' AND message.purpose = 'marketing'
        AND coalesce(message.dispatch_id, 0) = %(dispatch)s::bigint AND message.due_at <= %(at)s::timestamptz
        AND (%(dispatch)s::bigint = 0
            OR EXISTS (SELECT FROM messaging_dispatch WHERE id = %(dispatch)s::bigint AND state = 'running'))
    ORDER BY message.due_at, message.id
    LIMIT %(size)s::int
    FOR UPDATE OF message SKIP LOCKED
)
UPDATE messaging_message message
SET state = 'leased', lease = %(lease)s::uuid, leased_until = %(until)s::timestamptz
FROM free
WHERE message.id = free.id
RETURNING message.id
