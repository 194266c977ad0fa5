-- purpose: freezes members as recipients of a launch, each in his group, variant and time, and hands the messages of those who are
--   addressed to messaging's list of wanted ones (messaging.jobs.create_wanted), one a member and channel. Only active
--   members who can be reached by one channel at least: an address, a consent to marketing by it, the topic not switched
--   off; the inbox and the webhook need no address and no consent. The same is asked of control members, so that groups
--   are alike. Who is a recipient for this occasion already is left
-- parameters: run, campaign; members, occasions, bases (arrays: who, because of what, the instant it counts from); channels, topic;
--   day, time, in_member_zone, delay, zone (when: campaigns.rules.plan.When; zone is the programme's); control_salt,
--   control_share, variant_salt, variants, ends (how members are dealt: campaigns.rules.buckets; `ends` are the buckets
--   below which each variant ends, above the last one members wait for the decision); global_salt, global_share (of the
--   control group in force; 0 is none); again_after (who was a recipient of the campaign so many days before is left; 0
--   is nobody); source_key, versions ({variant: version of words}), gives (whether something is given first): of messages
-- locks: the rows that it writes
-- plan: index look-ups by member, no scan but of the arrays; a bucket is hashed only where somebody is dealt by it
WITH asked AS (
    SELECT m.id AS member_id,
           asked.occasion,
           asked.base + make_interval(hours => %(delay)s) AS base,
           CASE WHEN %(in_member_zone)s THEN coalesce(nullif(m.time_zone, ''), %(zone)s) ELSE %(zone)s END AS zone,
           array_remove(ARRAY[
               CASE WHEN 'inbox' = ANY(%(channels)s) THEN 'inbox' END,
               CASE WHEN 'webhook' = ANY(%(channels)s) THEN 'webhook' END,
               CASE WHEN 'email' = ANY(%(channels)s)
                     AND EXISTS (SELECT FROM members_identity i WHERE i.member_id = m.id AND i.kind = 'email')
                    THEN 'email' END,
               CASE WHEN 'sms' = ANY(%(channels)s)
                     AND EXISTS (SELECT FROM members_identity i WHERE i.member_id = m.id AND i.kind = 'phone')
                    THEN 'sms' END,
               CASE WHEN 'push' = ANY(%(channels)s) AND EXISTS (
                        SELECT FROM messaging_pushsubscription p WHERE p.member_id = m.id AND p.ended_at IS NULL)
                    THEN 'push' END
           ], NULL) AS addressed,
           CASE WHEN %(global_share)s > 0 AND (SELECT ((get_byte(hash, 0)::bigint << 24) + (get_byte(hash, 1) << 16) + (get_byte(hash, 2) << 8) + get_byte(hash, 3)) %% 10000
                 FROM sha256(convert_to(%(global_salt)s || ':' || m.id, 'UTF8')) AS hash) < %(global_share)s THEN 'global_control'
                WHEN %(control_share)s > 0 AND (SELECT ((get_byte(hash, 0)::bigint << 24) + (get_byte(hash, 1) << 16) + (get_byte(hash, 2) << 8) + get_byte(hash, 3)) %% 10000
                 FROM sha256(convert_to(%(control_salt)s || ':' || m.id, 'UTF8')) AS hash) < %(control_share)s THEN 'control'
                ELSE 'treated'
           END AS "group",
           CASE WHEN %(ends)s::int[] = ARRAY[10000] THEN (%(variants)s::text[])[1]
                ELSE coalesce((SELECT v.code FROM unnest(%(variants)s::text[], %(ends)s::int[]) AS v (code, ends)
                               WHERE (SELECT ((get_byte(hash, 0)::bigint << 24) + (get_byte(hash, 1) << 16) + (get_byte(hash, 2) << 8) + get_byte(hash, 3)) %% 10000
                 FROM sha256(convert_to(%(variant_salt)s || ':' || m.id, 'UTF8')) AS hash) < v.ends ORDER BY v.ends LIMIT 1), '')
           END AS variant
    FROM unnest(%(members)s::bigint[], %(occasions)s::text[], %(bases)s::timestamptz[]) AS asked (member_id, occasion, base)
    JOIN members_member m ON m.id = asked.member_id
    WHERE m.status = 'active'
      AND NOT EXISTS (
            SELECT FROM campaigns_recipient r
            WHERE r.run_id = %(run)s AND r.member_id = m.id AND r.occasion = asked.occasion)
      AND (%(again_after)s = 0 OR NOT EXISTS (
            SELECT FROM campaigns_recipient r JOIN campaigns_run earlier ON earlier.id = r.run_id
            WHERE r.member_id = m.id AND earlier.campaign_id = %(campaign)s
              AND r.due_at > asked.base - make_interval(days => %(again_after)s)))
), dealt AS MATERIALIZED (
    SELECT asked.member_id, asked.occasion, asked."group", asked.variant, reached.channels,
           CASE WHEN %(time)s::time IS NULL THEN asked.base
                WHEN %(day)s::date IS NOT NULL THEN greatest(asked.base, (%(day)s::date + %(time)s::time) AT TIME ZONE asked.zone)
                WHEN (asked.base AT TIME ZONE asked.zone)::time <= %(time)s::time
                    THEN ((asked.base AT TIME ZONE asked.zone)::date + %(time)s::time) AT TIME ZONE asked.zone
                ELSE ((asked.base AT TIME ZONE asked.zone)::date + 1 + %(time)s::time) AT TIME ZONE asked.zone
           END AS due_at
    FROM asked
    CROSS JOIN LATERAL (
        SELECT array_agg(channel.name) AS channels
        FROM unnest(asked.addressed) AS channel (name)
        WHERE (channel.name IN ('inbox', 'webhook') OR (
                SELECT c.given FROM members_consent c
                WHERE c.member_id = asked.member_id AND c.channel = channel.name AND c.purpose = 'marketing'
                ORDER BY c.at DESC, c.id DESC LIMIT 1))
          AND coalesce((
                SELECT t.wanted FROM messaging_topicchoice t
                WHERE t.member_id = asked.member_id AND t.channel = channel.name AND t.topic = %(topic)s
                ORDER BY t.at DESC, t.id DESC LIMIT 1), true)
    ) AS reached
    WHERE reached.channels IS NOT NULL
), frozen AS (
    INSERT INTO campaigns_recipient (run_id, member_id, occasion, "group", variant, due_at, tier, reward_refusal)
    SELECT %(run)s, dealt.member_id, dealt.occasion, dealt."group",
           CASE WHEN dealt."group" = 'treated' THEN dealt.variant ELSE '' END, dealt.due_at,
           coalesce((SELECT t.code FROM tiers_standing s JOIN tiers_tier t ON t.id = s.tier_id
                     WHERE s.member_id = dealt.member_id
                       AND s.ladder_id = (SELECT l.id FROM tiers_ladder l WHERE l.code = 'main')), ''),
           CASE WHEN %(gives)s THEN '' ELSE 'nothing_promised' END
    FROM dealt
), wanted AS (
    INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at, state, values)
    SELECT dealt.member_id, channel.name, %(source_key)s || dealt.occasion,
           (%(versions)s::jsonb ->> dealt.variant)::bigint, dealt.due_at,
           CASE WHEN dealt.variant = '' OR %(gives)s THEN 'waiting' ELSE 'queued' END, '{}'
    FROM dealt
    CROSS JOIN LATERAL unnest(dealt.channels) AS channel (name)
    WHERE dealt."group" = 'treated'
)
SELECT count(*), count(*) FILTER (WHERE "group" = 'treated'), count(*) FILTER (WHERE "group" = 'control'),
       count(*) FILTER (WHERE "group" = 'global_control')
FROM dealt
