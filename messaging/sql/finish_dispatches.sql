-- purpose: ends those of some dispatches of which nothing is left to be sent
-- parameters: dispatches (their ids; the caller has locked them)
-- locks: none but the caller's
-- plan: dispatches by key, and for each the first row of messaging_message_dispatched in each state
UPDATE messaging_dispatch dispatch
SET state = 'finished'
WHERE dispatch.id = ANY(%(dispatches)s::bigint[]) AND dispatch.state = 'running'
    AND EXISTS (SELECT FROM messaging_message WHERE dispatch_id = dispatch.id)
    AND NOT EXISTS (
        SELECT FROM messaging_message
        WHERE dispatch_id = dispatch.id AND state IN ('waiting', 'queued', 'leased', 'sending')
    )
