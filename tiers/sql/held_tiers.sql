-- purpose: the tiers that members hold: (member, ladder, tier, the last date it is valid)
-- parameters: members (ids)
-- locks: none
-- plan: the members' standings by their key, a row each of ladder and tier by theirs
SELECT standing.member_id, ladder.code, tier.code, standing.until_date
FROM tiers_standing standing
JOIN tiers_ladder ladder ON ladder.id = standing.ladder_id
JOIN tiers_tier tier ON tier.id = standing.tier_id
WHERE standing.member_id = ANY(%(members)s::bigint[])
