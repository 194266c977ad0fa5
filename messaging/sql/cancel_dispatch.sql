-- purpose: skips all messages of a dispatch that have not begun
-- parameters: dispatch
-- locks: the rows skipped; one that a sender begins just now is sent
-- plan: messaging_message_dispatched, a range for each state
UPDATE messaging_message
SET state = 'skipped', reason = 'cancelled', lease = NULL, leased_until = NULL
WHERE dispatch_id = %(dispatch)s::bigint AND state IN ('waiting', 'queued', 'leased')
