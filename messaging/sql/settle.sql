-- purpose: writes down what came of handing one message over
-- parameters: message, lease (uuid of the sender), state, reason, detail, sent_at, provider, provider_id, due_at (of
--     the next try; empty: as it is)
-- locks: the message's row. A sender who was taken for dead says so still; what a person decided meanwhile stands.
-- plan: a row by its key
UPDATE messaging_message
SET
    state = %(state)s::text, reason = %(reason)s::text, detail = %(detail)s::text,
    sent_at = %(sent_at)s::timestamptz, provider = %(provider)s::text, provider_id = %(provider_id)s::text,
    due_at = coalesce(%(due_at)s::timestamptz, due_at),
    lease = CASE WHEN %(state)s::text = 'queued' THEN NULL ELSE lease END
WHERE id = %(message)s::bigint AND lease = %(lease)s::uuid AND state IN ('sending', 'unknown')
