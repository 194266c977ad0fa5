-- purpose: which active ones of some members have a benefit by their tier and were not given it for a period of the calendar
-- parameters: ladder (id), tiers (ids of those that have it), benefit, period, at (the first instant of the date),
--   since (only those on whom was decided since; empty: everybody), members (ids)
-- locks: none
-- plan: the ids as given; members_member and tiers_standing by their keys, benefits_entitlement_once_a_period for each
SELECT member.id, held.tier_id
FROM unnest(%(members)s::bigint[]) AS asked (id)
JOIN members_member member ON member.id = asked.id
JOIN tiers_standing standing ON standing.member_id = member.id AND standing.ladder_id = %(ladder)s
CROSS JOIN LATERAL (
    -- The tier as it was held at the instant: what was decided since is passed over.
    SELECT CASE
        WHEN standing.decided_at < %(at)s THEN standing.tier_id
        ELSE (
            SELECT to_tier_id FROM tiers_decision decision
            WHERE decision.member_id = standing.member_id AND decision.ladder_id = standing.ladder_id
                AND decision.at < %(at)s
            ORDER BY seq DESC LIMIT 1
        )
    END AS tier_id
) held
WHERE member.status = 'active' AND member.joined_at < %(at)s
    AND (%(since)s::timestamptz IS NULL OR standing.decided_at >= %(since)s)
    AND held.tier_id = ANY(%(tiers)s)
    AND NOT EXISTS (
        SELECT FROM benefits_entitlement given
        WHERE given.member_id = member.id AND given.benefit = %(benefit)s AND given.period = %(period)s
    )
ORDER BY member.id
