-- purpose: puts what stands in messaging_wanted into the outbox, each once. Tokens are made here, cheaper than at random one by
--   one, and in ascending order, so that their unique index grows at its end: as RFC 9562 has version 8, 48 bits of the
--   millisecond, 40 of how manieth it is times `stride`, from which nobody who sees one tells how many there are, and 34 of a
--   hash with `seed`
-- parameters: dispatch (its id), purpose, topic, at; epoch_ms (at, in milliseconds); stride, seed (random, new for each call)
-- locks: the new rows; where another transaction adds the same one, waits for how that ends
-- plan: messaging_wanted read once, sorted by member; messaging_message_once asked for each
INSERT INTO messaging_message (
    token, member_id, channel, source_key, dispatch_id, template_version_id, purpose, topic, values, state, due_at,
    created_at
)
SELECT
    encode(
        int8send((%(epoch_ms)s::bigint << 16) | 32768 | ((place * %(stride)s::bigint) >> 28 & 4095))
        || int8send(
            -9223372036854775808 + (((place * %(stride)s::bigint) & 268435455) << 34)
            + ('x' || encode(substring(sha256(convert_to(%(seed)s || place, 'UTF8')) FOR 5), 'hex'))::bit(34)::bigint
        ),
        'hex'
    )::uuid,
    member_id, channel, source_key, %(dispatch)s::bigint, template_version_id, %(purpose)s, %(topic)s, values, state,
    due_at, %(at)s::timestamptz
FROM (SELECT *, row_number() OVER (ORDER BY member_id) AS place FROM messaging_wanted) wanted
ORDER BY member_id
ON CONFLICT (member_id, source_key, channel) DO NOTHING
