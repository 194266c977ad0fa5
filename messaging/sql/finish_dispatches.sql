-- purpose: ends the dispatches of which nothing is left to be sent
-- parameters: none
-- locks: the rows of the dispatches that end
-- plan: messaging_dispatch_open, and for each the first row of messaging_message_dispatched in each state
UPDATE messaging_dispatch dispatch
SET state = 'finished'
WHERE dispatch.state = 'running'
    AND EXISTS (SELECT FROM messaging_message WHERE dispatch_id = dispatch.id)
    AND NOT EXISTS (
        SELECT FROM messaging_message
        WHERE dispatch_id = dispatch.id AND state IN ('waiting', 'queued', 'leased', 'sending')
    )
RETURNING dispatch.id
