-- purpose: deals the variants that were decided on to whoever of a launch waited for the decision, and lets their messages go, or
--   leaves them waiting where something is given first
-- parameters: run, dispatch, source_key (the launch, its dispatch, and its key with the colon before a recipient's occasion);
--   codes, ends (the variants, and the buckets below which each one ends); salt (by which members are dealt);
--   versions ({variant: version of words}); gives (whether something is given); at (now)
-- locks: the recipients and messages that it changes
-- plan: the launch's recipients once, each message by its unique key
WITH dealt AS (
    UPDATE campaigns_recipient r
    SET variant = (
            SELECT v.code FROM unnest(%(codes)s::text[], %(ends)s::int[]) AS v (code, ends)
            WHERE ('x' || encode(substring(sha256(convert_to(%(salt)s || ':' || r.member_id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000 < v.ends
            ORDER BY v.ends LIMIT 1),
        due_at = greatest(r.due_at, %(at)s::timestamptz)
    WHERE r.run_id = %(run)s AND r."group" = 'treated' AND r.variant = '' AND r.reward_refusal IN ('', 'nothing_promised')
    RETURNING r.member_id, r.occasion, r.variant, r.due_at
)
UPDATE messaging_message message
SET template_version_id = (%(versions)s::jsonb ->> dealt.variant)::bigint,
    due_at = dealt.due_at,
    state = CASE WHEN %(gives)s THEN 'waiting' ELSE 'queued' END
FROM dealt
WHERE message.member_id = dealt.member_id AND message.source_key = %(source_key)s || dealt.occasion
    AND message.dispatch_id = %(dispatch)s AND message.state = 'waiting'
