-- purpose: names the messages whose sender died between beginning and hearing what came of it
-- parameters: begun_before (long before any provider still answers)
-- locks: the rows marked; the sender's lease stays on them, in case he lives
-- plan: messaging_message_taken
UPDATE messaging_message
SET state = 'unknown'
WHERE state = 'sending' AND sending_at < %(begun_before)s::timestamptz
