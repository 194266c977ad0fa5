-- purpose: which active ones of some members were raised on a date to a tier that gives something for it, once a decision,
--   and still hold one that does
-- parameters: ladder (id), tiers (ids of those that have it), benefit, date, at (the first instant after the date),
--   members (ids)
-- locks: none
-- plan: tiers_decision_by_date, then members, standings and entitlements by their keys
SELECT member.id, decision.to_tier_id, decision.seq
FROM tiers_decision decision
JOIN tiers_tier tier ON tier.id = decision.to_tier_id
JOIN members_member member ON member.id = decision.member_id
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
WHERE decision.business_date = %(date)s AND decision.kind = 'upgrade' AND decision.ladder_id = %(ladder)s
    AND member.id = ANY(%(members)s) AND member.status = 'active'
    AND decision.to_tier_id = ANY(%(tiers)s) AND held.tier_id = ANY(%(tiers)s)
    AND NOT EXISTS (
        SELECT FROM benefits_entitlement given
        WHERE given.member_id = member.id AND given.benefit = %(benefit)s
            AND given.period = 'upgrade:' || tier.code || ':' || decision.seq
    )
ORDER BY member.id, decision.seq
