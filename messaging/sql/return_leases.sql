-- purpose: gives messages back whose sender did not begin them before his lease ran out
-- parameters: at
-- locks: the rows given back; the sender who comes late finds that they are not his
-- plan: messaging_message_taken
UPDATE messaging_message
SET state = 'queued', lease = NULL, leased_until = NULL
WHERE state = 'leased' AND leased_until <= %(at)s::timestamptz
