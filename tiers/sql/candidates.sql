-- purpose: where those members of a range stand of whom something may have to be decided, and when they joined; the last
--   columns are those of tiers.rules.places.PLACE in their order
-- parameters: ladder, above, upto (member ids)
-- locks: none; lock_found locks them where something is to be written
-- plan: the temporary table within the range; tiers_standing and members_member by their keys
SELECT
    standing.member_id, joined_at, seq, decided_at, standing.spend, standing.orders, standing.growth,
    tier_id, rank, since_date, until_date, grace_date, highest_rank, granted_by, rank_before, until_before_date,
    next_tier_id, next_date, next_cause, hold_kind, earned_tier_id, earned_since_date, earned_until_date,
    earned_grace_date
FROM tiers_found found
JOIN tiers_standing standing ON standing.member_id = found.member_id AND standing.ladder_id = %(ladder)s
JOIN members_member member ON member.id = found.member_id
WHERE found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s
ORDER BY standing.member_id
