-- purpose: leaves out whoever of a launch waited for the decision, because no variant won: his message is skipped, he is given
--   nothing, and both rows stay, so that it is known who was left out and why
-- parameters: run, dispatch, source_key (the launch, its dispatch, and its key with the colon before a recipient's occasion);
--   reason, detail (why messages are skipped)
-- locks: the recipients and messages that it changes
-- plan: the launch's recipients once, each message by its unique key
WITH stopped AS (
    UPDATE campaigns_recipient r
    SET reward_refusal = 'stopped'
    WHERE r.run_id = %(run)s AND r."group" = 'treated' AND r.variant = ''
    RETURNING r.member_id, r.occasion
)
UPDATE messaging_message message
SET state = 'skipped', reason = %(reason)s, detail = %(detail)s
FROM stopped
WHERE message.member_id = stopped.member_id AND message.source_key = %(source_key)s || stopped.occasion
    AND message.dispatch_id = %(dispatch)s AND message.state = 'waiting'
