-- purpose: skips messages that waited for something that will not come
-- parameters: dispatch; members, keys: arrays of who and under which source key; reason, detail
-- locks: the messages skipped
-- plan: messaging_message_once asked for each
UPDATE messaging_message message
SET state = 'skipped', reason = %(reason)s, detail = %(detail)s
FROM unnest(%(members)s::bigint[], %(keys)s::text[]) AS skipped (member_id, source_key)
WHERE message.member_id = skipped.member_id AND message.source_key = skipped.source_key
    AND message.dispatch_id = %(dispatch)s::bigint AND message.state = 'waiting'
