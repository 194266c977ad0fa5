-- purpose: puts what stands in messaging_wanted into the outbox, each once
-- parameters: dispatch (its id), purpose, topic, at
-- locks: the new rows; where another transaction adds the same one, waits for how that ends
-- plan: messaging_wanted read once, sorted by member; messaging_message_once asked for each
INSERT INTO messaging_message (
    member_id, channel, source_key, dispatch_id, template_version_id, purpose, topic, values, state, due_at, created_at
)
SELECT
    member_id, channel, source_key, %(dispatch)s::bigint, template_version_id, %(purpose)s, %(topic)s, values, state,
    due_at, %(at)s::timestamptz
FROM messaging_wanted
ORDER BY member_id
ON CONFLICT (member_id, source_key, channel) DO NOTHING
