-- purpose: lets messages go that waited for what they tell of, with the values that are known now
-- parameters: dispatch; members, keys, values: arrays of who, under which source key, and a JSON object for each; at
-- locks: the messages released
-- plan: messaging_message_once asked for each
UPDATE messaging_message message
SET state = 'queued', values = message.values || released.values, due_at = greatest(message.due_at, %(at)s::timestamptz)
FROM unnest(%(members)s::bigint[], %(keys)s::text[], %(values)s::jsonb[]) AS released (member_id, source_key, values)
WHERE message.member_id = released.member_id AND message.source_key = released.source_key
    AND message.dispatch_id = %(dispatch)s::bigint AND message.state = 'waiting'
