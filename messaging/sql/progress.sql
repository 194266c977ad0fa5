-- purpose: how many messages of a dispatch stand where, and for what reason
-- parameters: dispatch
-- locks: none
-- plan: messaging_message_dispatched for states; the reason read from the rows
SELECT state, channel, reason, count(*)
FROM messaging_message
WHERE dispatch_id = %(dispatch)s::bigint
GROUP BY state, channel, reason
ORDER BY state, channel, reason
