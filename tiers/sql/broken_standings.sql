-- purpose: standings that are not what the last decision made them, and decisions that do not follow one another
-- parameters: ladder (the one everybody stands on)
-- locks: none; one statement sees one moment
-- plan: tiers_decision in the order of its key, tiers_standing and members_member hashed by member
WITH decided AS (
    SELECT
        *,
        row_number() OVER earlier AS number,
        lag(to_tier_id) OVER earlier AS tier_before,
        lag(until_date) OVER earlier AS ended_before,
        lag(at) OVER earlier AS at_before,
        lead(seq) OVER earlier IS NULL AS is_last,
        max(business_date) FILTER (WHERE kind IN ('joined', 'upgrade', 'downgrade')) OVER earlier AS since
    FROM tiers_decision
    WINDOW earlier AS (PARTITION BY member_id, ladder_id ORDER BY seq)
), followed AS (
    SELECT
        member_id, ladder_id,
        bool_or(seq <> number) AS has_gap,
        bool_or(from_tier_id IS DISTINCT FROM tier_before OR until_before IS DISTINCT FROM ended_before) AS breaks,
        bool_or(at < at_before) AS goes_back
    FROM decided
    GROUP BY member_id, ladder_id
    HAVING bool_or(
        seq <> number OR from_tier_id IS DISTINCT FROM tier_before OR until_before IS DISTINCT FROM ended_before
        OR at < at_before
    )
)
SELECT member.number, 'standing' AS claim
FROM tiers_standing standing
FULL JOIN (SELECT * FROM decided WHERE is_last) last USING (member_id, ladder_id)
LEFT JOIN tiers_tier tier ON tier.id = standing.tier_id
JOIN members_member member ON member.id = member_id
WHERE standing.seq IS DISTINCT FROM last.seq
    OR standing.tier_id <> last.to_tier_id
    OR standing.rank <> tier.rank
    OR standing.until_date IS DISTINCT FROM last.until_date
    OR standing.grace_date IS DISTINCT FROM last.grace_date
    OR standing.since_date <> coalesce(last.since_date, last.since)
    OR standing.hold_kind <> last.hold_kind
    OR standing.next_date IS DISTINCT FROM last.next_date
    OR standing.decided_at <> last.at
UNION ALL
SELECT member.number, claim
FROM followed
CROSS JOIN LATERAL (VALUES ('numbers', has_gap), ('chain', breaks), ('time', goes_back)) claims (claim, is_broken)
JOIN members_member member ON member.id = followed.member_id
WHERE is_broken
UNION ALL
SELECT member.number, 'missing'
FROM members_member member
LEFT JOIN tiers_standing standing ON standing.member_id = member.id AND standing.ladder_id = %(ladder)s
WHERE member.joined_at IS NOT NULL AND standing.member_id IS NULL
ORDER BY 1, 2
