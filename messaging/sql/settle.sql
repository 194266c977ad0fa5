-- purpose: writes down what came of handing one message over; what would be tried again of a dispatch that was cancelled
--     meanwhile is skipped
-- parameters: message, lease (uuid of the sender), state, reason, detail, sent_at, provider, provider_id, due_at (of
--     the next try; empty: as it is)
-- locks: the message's row, and for a message that would be tried again its dispatch's before, which a cancellation
--     holds. A sender who was taken for dead says so still; what a person decided meanwhile stands.
-- plan: a row by its key; the dispatch's only where the message goes back to the queue
WITH its AS MATERIALIZED (
    SELECT dispatch.state
    FROM messaging_dispatch dispatch
    WHERE %(state)s::text = 'queued'
        AND dispatch.id = (SELECT dispatch_id FROM messaging_message WHERE id = %(message)s::bigint)
    FOR SHARE
), asked AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM its WHERE state = 'cancelled') AS is_cancelled
)
UPDATE messaging_message
SET
    state = CASE WHEN asked.is_cancelled THEN 'skipped' ELSE %(state)s::text END,
    reason = CASE WHEN asked.is_cancelled THEN 'cancelled' ELSE %(reason)s::text END,
    detail = %(detail)s::text, sent_at = %(sent_at)s::timestamptz, provider = %(provider)s::text,
    provider_id = %(provider_id)s::text, due_at = coalesce(%(due_at)s::timestamptz, due_at),
    lease = CASE WHEN %(state)s::text = 'queued' THEN NULL ELSE lease END
FROM asked
WHERE id = %(message)s::bigint AND lease = %(lease)s::uuid AND messaging_message.state IN ('sending', 'unknown')
