-- purpose: asks once more whether one message may go out, and takes it to be sent, or skips it, or gives it back
-- parameters: message, lease (uuid of the sender), at, language (of its words), has_address, needs_consent (whether
--     the channel needs consent that was given, not only none that was withdrawn), address_hashes (of where it would
--     go), caps (a list of channel, topic, count, since, text: those that concern it)
-- locks: the message's row. What was committed before this statement began is seen: an unsubscription, a suppression,
--     a consent withdrawn, a pause, a cancellation. Whoever gives caps holds lock_member before.
-- plan: a row by its key, and a few rows of the member's by their indexes
WITH asked AS MATERIALIZED (
    SELECT
        message.id,
        dispatch.state AS dispatch_state,
        CASE
            WHEN dispatch.state = 'cancelled' THEN ARRAY['cancelled', '']
            WHEN member.status IN ('erased', 'merged') OR message.purpose = 'marketing' AND member.status <> 'active'
                THEN ARRAY['not_a_member', '']
            WHEN NOT %(has_address)s::boolean THEN ARRAY['no_address', '']
            WHEN suppressed.cause IS NOT NULL THEN ARRAY['suppressed', suppressed.cause]
            WHEN message.purpose = 'service' THEN NULL
            WHEN consent.given IS FALSE OR consent.given IS NULL AND %(needs_consent)s::boolean
                THEN ARRAY['no_consent', '']
            WHEN choice.wanted IS FALSE OR every_topic.wanted IS FALSE THEN ARRAY['topic_off', message.topic]
            ELSE (
                SELECT ARRAY['frequency_cap', cap.text]
                FROM jsonb_to_recordset(%(caps)s::jsonb)
                    AS cap (channel text, topic text, count int, since timestamptz, text text)
                WHERE cap.count <= (
                    SELECT count(*)
                    FROM messaging_message earlier
                    LEFT JOIN messaging_dispatch its ON its.id = earlier.dispatch_id
                    WHERE earlier.member_id = message.member_id AND earlier.id <> message.id
                        AND earlier.purpose = 'marketing'
                        AND (
                            earlier.state = 'sent' AND earlier.sent_at >= cap.since
                            OR earlier.state IN ('sending', 'unknown') AND earlier.sent_at IS NULL
                            AND earlier.sending_at >= cap.since
                        )
                        AND (cap.channel IS NULL OR earlier.channel = cap.channel)
                        AND (cap.topic IS NULL OR earlier.topic = cap.topic)
                        AND coalesce(its.counts_for_caps, true)
                )
                LIMIT 1
            )
        END AS refusal
    FROM messaging_message message
    JOIN members_member member ON member.id = message.member_id
    LEFT JOIN messaging_dispatch dispatch ON dispatch.id = message.dispatch_id
    LEFT JOIN LATERAL (
        SELECT cause FROM messaging_suppression
        WHERE channel = message.channel AND address_hash = ANY(%(address_hashes)s::bytea[]) AND lifted_at IS NULL
            AND (message.purpose = 'marketing' OR NOT marketing_only)
        LIMIT 1
    ) suppressed ON true
    LEFT JOIN LATERAL (
        SELECT given FROM members_consent
        WHERE member_id = message.member_id AND channel = message.channel AND purpose = 'marketing'
        ORDER BY at DESC, id DESC LIMIT 1
    ) consent ON message.purpose = 'marketing'
    LEFT JOIN LATERAL (
        SELECT wanted FROM messaging_topicchoice
        WHERE member_id = message.member_id AND channel = message.channel AND topic = message.topic
        ORDER BY at DESC, id DESC LIMIT 1
    ) choice ON message.purpose = 'marketing'
    LEFT JOIN LATERAL (
        SELECT wanted FROM messaging_topicchoice
        WHERE member_id = message.member_id AND channel = message.channel AND topic = ''
        ORDER BY at DESC, id DESC LIMIT 1
    ) every_topic ON message.purpose = 'marketing'
    WHERE message.id = %(message)s::bigint AND message.state = 'leased' AND message.lease = %(lease)s::uuid
)
UPDATE messaging_message message
SET
    state = CASE
        WHEN asked.refusal IS NOT NULL THEN 'skipped'
        WHEN asked.dispatch_state = 'paused' THEN 'queued'
        ELSE 'sending'
    END,
    reason = coalesce(asked.refusal[1], ''),
    detail = coalesce(asked.refusal[2], ''),
    lease = CASE WHEN asked.refusal IS NULL AND asked.dispatch_state IS DISTINCT FROM 'paused' THEN message.lease END,
    leased_until = NULL,
    sending_at = CASE
        WHEN asked.refusal IS NULL AND asked.dispatch_state IS DISTINCT FROM 'paused' THEN %(at)s::timestamptz
        ELSE message.sending_at
    END,
    language = %(language)s::text,
    attempts = message.attempts
        + (asked.refusal IS NULL AND asked.dispatch_state IS DISTINCT FROM 'paused')::int
FROM asked
WHERE message.id = asked.id AND message.state = 'leased' AND message.lease = %(lease)s::uuid
RETURNING message.state, message.reason, message.detail, message.attempts
