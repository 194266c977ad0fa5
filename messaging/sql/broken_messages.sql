-- purpose: messages that are not where their row says: sent without a trace, in an inbox without being sent, or left
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: inbox items beside messages by key; dispatches that are over by messaging_message_dispatched
SELECT 'inbox_missing', message.id, member.number, ''
FROM messaging_message message
JOIN members_member member ON member.id = message.member_id
LEFT JOIN messaging_inboxitem item ON item.message_id = message.id
WHERE message.channel = 'inbox' AND message.state = 'sent' AND item.message_id IS NULL AND member.status <> 'erased'
UNION ALL
SELECT 'inbox_unsent', message.id, member.number, message.state
FROM messaging_inboxitem item
JOIN messaging_message message ON message.id = item.message_id
JOIN members_member member ON member.id = message.member_id
WHERE message.state <> 'sent' OR message.channel <> 'inbox' OR message.member_id <> item.member_id
UNION ALL
SELECT 'left', message.id, member.number, dispatch.name
FROM messaging_dispatch dispatch
JOIN messaging_message message ON message.dispatch_id = dispatch.id
JOIN members_member member ON member.id = message.member_id
WHERE dispatch.state = 'cancelled' AND message.state IN ('waiting', 'queued')
ORDER BY 1, 2
