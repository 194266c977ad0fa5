-- purpose: what a sender holds, with all he asks of each message and of its dispatch, in the order of sending
-- parameters: lease (uuid of the sender), messages (their ids)
-- locks: none
-- plan: messages and dispatches by key
SELECT
    message.id, message.token, message.member_id, message.channel, message.source_key, message.dispatch_id,
    message.template_version_id, message.purpose, message.topic, message.values, message.due_at, message.attempts,
    coalesce(dispatch.obeys_caps, true), dispatch.ends_at, coalesce(dispatch.errors_in_row, 0)
FROM messaging_message message
LEFT JOIN messaging_dispatch dispatch ON dispatch.id = message.dispatch_id
WHERE message.id = ANY(%(messages)s::bigint[]) AND message.state = 'leased' AND message.lease = %(lease)s::uuid
ORDER BY message.purpose DESC, message.due_at, message.id
