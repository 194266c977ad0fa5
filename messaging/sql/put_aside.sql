-- purpose: lets go of a message that is not sent now: back to the queue until it is due, or skipped for a reason
-- parameters: message, lease (uuid of the sender), state, reason, detail, due_at (empty: as it is)
-- locks: the message's row; nothing where the sender does not hold it any more
-- plan: a row by its key
UPDATE messaging_message
SET
    state = %(state)s::text, reason = %(reason)s::text, detail = %(detail)s::text, lease = NULL, leased_until = NULL,
    due_at = coalesce(%(due_at)s::timestamptz, due_at)
WHERE id = %(message)s::bigint AND state = 'leased' AND lease = %(lease)s::uuid
