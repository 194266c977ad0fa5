-- purpose: by which tiers a member earns on a ladder: the one held, and the one that is to begin with its date, if any;
--   beside them the ids of the ladder's published versions in the order they came into force
-- parameters: member, ladder (its code)
-- locks: none
-- plan: the member's standing by its key, two rows of tiers by theirs, the versions of the ladder
SELECT
    tier.rank, tier.code, tier.multiplier,
    standing.hold_kind, standing.next_date,
    later.rank, later.code, later.multiplier,
    ARRAY(
        SELECT version.id
        FROM tiers_ladderversion version
        WHERE version.ladder_id = standing.ladder_id AND version.published_at IS NOT NULL
        ORDER BY version.effective_on, version.number
    ) AS versions
FROM tiers_standing standing
JOIN tiers_ladder ladder ON ladder.id = standing.ladder_id AND ladder.code = %(ladder)s
JOIN tiers_tier tier ON tier.id = standing.tier_id
LEFT JOIN tiers_tier later ON later.id = standing.next_tier_id
WHERE standing.member_id = %(member)s
