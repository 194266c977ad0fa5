-- purpose: lock and read where members stand, with the columns of tiers.rules.places.PLACE in their order
-- parameters: ladder, members (ids)
-- locks: tiers_standing rows FOR NO KEY UPDATE in the order of members
-- plan: tiers_standing by its key
SELECT
    member_id, seq, decided_at,
    tier_id, rank, since_date, until_date, grace_date, highest_rank, granted_by, rank_before, until_before_date,
    next_tier_id, next_date, next_cause, hold_kind, earned_tier_id, earned_since_date, earned_until_date,
    earned_grace_date
FROM tiers_standing
WHERE ladder_id = %(ladder)s AND member_id = ANY(%(members)s::bigint[])
ORDER BY member_id
FOR NO KEY UPDATE
