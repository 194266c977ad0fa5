-- purpose: freezes members as recipients of a launch, each in his group, variant and time, and has messaging put the messages of those
--   who are addressed into the outbox, one a member and channel. Only those who can be reached by one channel at least: an
--   address, a consent to marketing by it, the topic not switched off; the inbox and the webhook need no address and no
--   consent. The same is asked of control members, so that groups are alike. Who is a recipient for this occasion already
--   is left
-- parameters: asked (a part: member_id, time_zone, occasion and base of active members: who, because of what, the instant it
--   counts from); enqueue (a part: messaging.jobs.enqueueing, which puts messaging_wanted into the outbox); run, campaign;
--   channels, topic; day, time, in_member_zone, delay, zone (when: campaigns.rules.plan.When, of one that recurs the launch's own day;
--   zone is the programme's);
--   control_salt, control_share, variant_salt, variants, ends (how members are dealt: campaigns.rules.buckets; `ends` are the
--   buckets below which each variant ends, above the last one members wait for the decision); global_salt, global_share
--   (of the control group in force; 0 is none); again_after (who was a recipient of the campaign so many days before is
--   left; 0 is nobody); source_key, versions ({variant: version of words}), gives (whether something is given first): of
--   messages
-- locks: the rows that it writes
-- plan: what is asked, once; of a channel that is not used nothing is read, of one that is addresses and consents are joined
--   as sets, or looked up where few are asked; everything is written in order of members. Channels are
--   gathered as bits, of which many members fit into memory, and not as arrays. A bucket is hashed only where
--   somebody is dealt by it
WITH asked AS MATERIALIZED (
    SELECT asked.member_id, asked.occasion, asked.base + make_interval(hours => %(delay)s) AS base,
           CASE WHEN %(in_member_zone)s THEN coalesce(nullif(asked.time_zone, ''), %(zone)s) ELSE %(zone)s END AS zone
    FROM (
%(asked)s
    ) AS asked (member_id, time_zone, occasion, base)
    WHERE NOT EXISTS (
            SELECT FROM campaigns_recipient r
            WHERE r.run_id = %(run)s AND r.member_id = asked.member_id AND r.occasion = asked.occasion)
      AND (%(again_after)s = 0 OR NOT EXISTS (
            SELECT FROM campaigns_recipient r JOIN campaigns_run earlier ON earlier.id = r.run_id
            WHERE r.member_id = asked.member_id AND earlier.campaign_id = %(campaign)s
              AND r.due_at > asked.base - make_interval(days => %(again_after)s)))
), agreed AS NOT MATERIALIZED (
    SELECT c.member_id, c.channel
    FROM members_consent c
    WHERE c.purpose = 'marketing' AND c.given AND NOT EXISTS (
        SELECT FROM members_consent later
        WHERE later.member_id = c.member_id AND later.channel = c.channel AND later.purpose = 'marketing'
          AND (later.at, later.id) > (c.at, c.id))
), switched_off AS NOT MATERIALIZED (
    SELECT t.member_id, t.channel
    FROM messaging_topicchoice t
    WHERE t.topic = %(topic)s AND NOT t.wanted AND NOT EXISTS (
        SELECT FROM messaging_topicchoice later
        WHERE later.member_id = t.member_id AND later.channel = t.channel AND later.topic = t.topic
          AND (later.at, later.id) > (t.at, t.id))
), ways AS (
    SELECT asked.*, 1 AS channel
    FROM asked
    WHERE 'inbox' = ANY(%(channels)s)
      AND NOT EXISTS (SELECT FROM switched_off s WHERE s.member_id = asked.member_id AND s.channel = 'inbox')
    UNION ALL
    SELECT asked.*, 2
    FROM asked
    WHERE 'webhook' = ANY(%(channels)s)
      AND NOT EXISTS (SELECT FROM switched_off s WHERE s.member_id = asked.member_id AND s.channel = 'webhook')
    UNION ALL
    SELECT asked.*, 4
    FROM asked
    WHERE 'email' = ANY(%(channels)s)
      AND EXISTS (SELECT FROM members_identity i WHERE i.member_id = asked.member_id AND i.kind = 'email')
      AND EXISTS (SELECT FROM agreed a WHERE a.member_id = asked.member_id AND a.channel = 'email')
      AND NOT EXISTS (SELECT FROM switched_off s WHERE s.member_id = asked.member_id AND s.channel = 'email')
    UNION ALL
    SELECT asked.*, 8
    FROM asked
    WHERE 'sms' = ANY(%(channels)s)
      AND EXISTS (SELECT FROM members_identity i WHERE i.member_id = asked.member_id AND i.kind = 'phone')
      AND EXISTS (SELECT FROM agreed a WHERE a.member_id = asked.member_id AND a.channel = 'sms')
      AND NOT EXISTS (SELECT FROM switched_off s WHERE s.member_id = asked.member_id AND s.channel = 'sms')
    UNION ALL
    SELECT asked.*, 16
    FROM asked
    WHERE 'push' = ANY(%(channels)s)
      AND EXISTS (SELECT FROM messaging_pushsubscription p WHERE p.member_id = asked.member_id AND p.ended_at IS NULL)
      AND EXISTS (SELECT FROM agreed a WHERE a.member_id = asked.member_id AND a.channel = 'push')
      AND NOT EXISTS (SELECT FROM switched_off s WHERE s.member_id = asked.member_id AND s.channel = 'push')
), dealt AS MATERIALIZED (
    SELECT reached.member_id, reached.occasion, reached.channels,
           CASE WHEN %(global_share)s > 0
                 AND ('x' || encode(substring(sha256(convert_to(%(global_salt)s || ':' || reached.member_id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000 < %(global_share)s
                    THEN 'global_control'
                WHEN %(control_share)s > 0
                 AND ('x' || encode(substring(sha256(convert_to(%(control_salt)s || ':' || reached.member_id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000 < %(control_share)s
                    THEN 'control'
                ELSE 'treated'
           END AS "group",
           CASE WHEN %(ends)s::bigint[] = ARRAY[10000::bigint] THEN (%(variants)s::text[])[1]
                ELSE coalesce((%(variants)s::text[])[1 + width_bucket(
                    ('x' || encode(substring(sha256(convert_to(%(variant_salt)s || ':' || reached.member_id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000, %(ends)s::bigint[])], '')
           END AS variant,
           CASE WHEN %(time)s::time IS NULL THEN reached.base
                WHEN %(day)s::date IS NOT NULL THEN greatest(reached.base, (%(day)s::date + %(time)s::time) AT TIME ZONE reached.zone)
                WHEN (reached.base AT TIME ZONE reached.zone)::time <= %(time)s::time
                    THEN ((reached.base AT TIME ZONE reached.zone)::date + %(time)s::time) AT TIME ZONE reached.zone
                ELSE ((reached.base AT TIME ZONE reached.zone)::date + 1 + %(time)s::time) AT TIME ZONE reached.zone
           END AS due_at
    FROM (
        SELECT ways.member_id, ways.occasion, ways.base, ways.zone, bit_or(ways.channel) AS channels
        FROM ways
        GROUP BY ways.member_id, ways.occasion, ways.base, ways.zone
        ORDER BY ways.member_id
    ) reached
), frozen AS (
    INSERT INTO campaigns_recipient (run_id, member_id, occasion, "group", variant, due_at, tier, reward_refusal)
    SELECT %(run)s, dealt.member_id, dealt.occasion, dealt."group",
           CASE WHEN dealt."group" = 'treated' THEN dealt.variant ELSE '' END, dealt.due_at, coalesce(tier.code, ''),
           CASE WHEN %(gives)s THEN '' ELSE 'nothing_promised' END
    FROM dealt
    LEFT JOIN tiers_standing standing ON standing.member_id = dealt.member_id
        AND standing.ladder_id = (SELECT l.id FROM tiers_ladder l WHERE l.code = 'main')
    LEFT JOIN tiers_tier tier ON tier.id = standing.tier_id
    ORDER BY dealt.member_id
), messaging_wanted AS (
    SELECT dealt.member_id, channel.name AS channel, %(source_key)s || dealt.occasion AS source_key,
           (%(versions)s::jsonb ->> dealt.variant)::bigint AS template_version_id, dealt.due_at,
           CASE WHEN dealt.variant = '' OR %(gives)s THEN 'waiting' ELSE 'queued' END AS state, '{}'::jsonb AS values
    FROM dealt
    JOIN (VALUES (1, 'inbox'), (2, 'webhook'), (4, 'email'), (8, 'sms'), (16, 'push')) AS channel (bit, name)
        ON dealt.channels & channel.bit <> 0
    WHERE dealt."group" = 'treated'
), enqueued AS (
%(enqueue)s
)
SELECT count(*), count(*) FILTER (WHERE "group" = 'treated'), count(*) FILTER (WHERE "group" = 'control'),
       count(*) FILTER (WHERE "group" = 'global_control')
FROM dealt
