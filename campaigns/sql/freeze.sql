-- Freezes members as recipients of a launch, each in his group, variant and time, and hands the messages of those who
-- are addressed to messaging's list of wanted ones (messaging.jobs.create_wanted), one a member and channel.
--
-- Only active members who can be reached by one channel at least: an address, a consent to marketing by it, the topic
-- not switched off. The inbox and the webhook need no address and no consent. The same is asked of control members, so
-- that groups are alike. Who is a recipient for this occasion already is left.
--
-- members, occasions, bases: arrays; who, because of what, and the instant it counts from
-- day, time, in_member_zone, delay: when (campaigns.rules.plan.When); zone: the programme's
-- control_salt, control_share, variant_salt, variants, ends: how members are dealt (campaigns.rules.buckets); `ends` are
--   the buckets below which each variant ends, above the last one members wait for the decision
-- global_salt, global_share, global_from: the control group in force; a share of 0 is none
-- again_after: who was a recipient of the campaign so many days before is left; 0 is nobody
-- Locks nothing but the rows it writes. Plan: index look-ups by member; no scan but of the arrays.
WITH asked AS MATERIALIZED (
    SELECT m.id AS member_id,
           asked.occasion,
           coalesce(nullif(m.time_zone, ''), %(zone)s) AS own_zone,
           asked.base + make_interval(hours => %(delay)s) AS base,
           ('x' || encode(substring(sha256(convert_to(%(control_salt)s || ':' || m.id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000 AS control_bucket,
           ('x' || encode(substring(sha256(convert_to(%(variant_salt)s || ':' || m.id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000 AS variant_bucket,
           CASE WHEN %(global_share)s = 0 THEN 10000
                ELSE ('x' || encode(substring(sha256(convert_to(%(global_salt)s || ':' || m.id, 'UTF8')) FOR 4), 'hex'))::bit(32)::bigint %% 10000
           END AS global_bucket
    FROM unnest(%(members)s::bigint[], %(occasions)s::text[], %(bases)s::timestamptz[]) AS asked (member_id, occasion, base)
    JOIN members_member m ON m.id = asked.member_id
    WHERE m.status = 'active'
      AND (%(again_after)s = 0 OR NOT EXISTS (
            SELECT FROM campaigns_recipient r JOIN campaigns_run earlier ON earlier.id = r.run_id
            WHERE r.member_id = m.id AND earlier.campaign_id = %(campaign)s
              AND r.due_at > asked.base - make_interval(days => %(again_after)s)))
), reached AS MATERIALIZED (
    SELECT asked.member_id, asked.occasion, array_agg(channel.name) AS channels
    FROM asked
    CROSS JOIN unnest(%(channels)s::text[]) AS channel (name)
    WHERE (channel.name IN ('inbox', 'webhook') OR (
            SELECT c.given FROM members_consent c
            WHERE c.member_id = asked.member_id AND c.channel = channel.name AND c.purpose = 'marketing'
            ORDER BY c.at DESC, c.id DESC LIMIT 1))
      AND CASE channel.name
            WHEN 'email' THEN EXISTS (SELECT FROM members_identity i WHERE i.member_id = asked.member_id AND i.kind = 'email')
            WHEN 'sms' THEN EXISTS (SELECT FROM members_identity i WHERE i.member_id = asked.member_id AND i.kind = 'phone')
            WHEN 'push' THEN EXISTS (
                SELECT FROM messaging_pushsubscription p WHERE p.member_id = asked.member_id AND p.ended_at IS NULL)
            ELSE true
          END
      AND coalesce((
            SELECT t.wanted FROM messaging_topicchoice t
            WHERE t.member_id = asked.member_id AND t.channel = channel.name AND t.topic = %(topic)s
            ORDER BY t.at DESC, t.id DESC LIMIT 1), true)
    GROUP BY asked.member_id, asked.occasion
), dealt AS (
    SELECT asked.member_id, asked.occasion, reached.channels,
           CASE WHEN asked.global_bucket < %(global_share)s THEN 'global_control'
                WHEN asked.control_bucket < %(control_share)s THEN 'control'
                ELSE 'treated'
           END AS "group",
           coalesce((SELECT v.code FROM unnest(%(variants)s::text[], %(ends)s::int[]) AS v (code, ends)
                     WHERE asked.variant_bucket < v.ends ORDER BY v.ends LIMIT 1), '') AS variant,
           CASE WHEN %(time)s::time IS NULL THEN asked.base
                WHEN %(day)s::date IS NOT NULL THEN greatest(asked.base, (%(day)s::date + %(time)s::time) AT TIME ZONE zone.name)
                WHEN (asked.base AT TIME ZONE zone.name)::time <= %(time)s::time
                    THEN ((asked.base AT TIME ZONE zone.name)::date + %(time)s::time) AT TIME ZONE zone.name
                ELSE ((asked.base AT TIME ZONE zone.name)::date + 1 + %(time)s::time) AT TIME ZONE zone.name
           END AS due_at
    FROM asked
    JOIN reached USING (member_id, occasion)
    CROSS JOIN LATERAL (SELECT CASE WHEN %(in_member_zone)s THEN asked.own_zone ELSE %(zone)s END AS name) AS zone
), frozen AS (
    INSERT INTO campaigns_recipient (run_id, member_id, occasion, "group", variant, due_at, tier)
    SELECT %(run)s, dealt.member_id, dealt.occasion, dealt."group",
           CASE WHEN dealt."group" = 'treated' THEN dealt.variant ELSE '' END, dealt.due_at,
           coalesce((SELECT t.code FROM tiers_standing s JOIN tiers_ladder l ON l.id = s.ladder_id AND l.code = 'main'
                     JOIN tiers_tier t ON t.id = s.tier_id WHERE s.member_id = dealt.member_id), '')
    FROM dealt
    ORDER BY dealt.member_id
    ON CONFLICT (run_id, member_id, occasion) DO NOTHING
    RETURNING member_id, occasion, "group", variant, due_at
), wanted AS (
    INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at, state, values)
    SELECT frozen.member_id, channel.name, %(source_key)s || frozen.occasion,
           (%(versions)s::jsonb ->> frozen.variant)::bigint, frozen.due_at,
           CASE WHEN frozen.variant = '' OR %(gives)s THEN 'waiting' ELSE 'queued' END, '{}'
    FROM frozen
    JOIN reached USING (member_id, occasion)
    CROSS JOIN LATERAL unnest(reached.channels) AS channel (name)
    WHERE frozen."group" = 'treated'
)
SELECT count(*), count(*) FILTER (WHERE "group" = 'treated'), count(*) FILTER (WHERE "group" = 'control'),
       count(*) FILTER (WHERE "group" = 'global_control')
FROM frozen
