-- purpose: what has not gone out yet, for those who watch the site
-- parameters: at
-- locks: none
-- plan: messaging_message_due for what is queued, messaging_message_taken for what is taken, messaging_message_stuck
SELECT channel, state, count(*), greatest(0, extract(epoch FROM %(at)s::timestamptz - min(due_at)))::float8
FROM messaging_message
WHERE state IN ('queued', 'leased', 'sending', 'unknown')
GROUP BY channel, state
ORDER BY channel, state
