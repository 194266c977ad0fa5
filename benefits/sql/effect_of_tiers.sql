-- purpose: how many active members stand on each tier now, and what they ordered and spent in a period
-- parameters: starts_on, ends_on (both inclusive)
-- locks: none; one statement sees one moment
-- plan: orders_spendmovement read once and summed by member, hashed with tiers_standing and members_member, read once each
WITH spent AS (
    SELECT member_id, sum(orders) AS orders, sum(spend) AS spend
    FROM orders_spendmovement
    WHERE known_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY member_id
)
SELECT
    ladder.code, tier.code, count(*), coalesce(sum(spent.orders), 0)::bigint, coalesce(sum(spent.spend), 0)
FROM tiers_standing standing
JOIN members_member member ON member.id = standing.member_id AND member.status = 'active'
JOIN tiers_tier tier ON tier.id = standing.tier_id
JOIN tiers_ladder ladder ON ladder.id = standing.ladder_id
LEFT JOIN spent ON spent.member_id = standing.member_id
GROUP BY ladder.code, tier.code
ORDER BY ladder.code, tier.code
