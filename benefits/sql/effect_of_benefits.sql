-- purpose: how often each benefit was used in a period, by how many, what it saved and cost; and of its users by the tier
--   that they hold now on the benefit's ladder, how many they are and what they ordered and spent in the period
-- parameters: benefits (codes), ladders (the code of the ladder of each), starts_on, ends_on (both inclusive)
-- locks: none; one statement sees one moment
-- plan: benefits_benefituse_of_benefit for the period, summed by benefit and member; hashed with all standings and their
--   active members, read once (kept apart, for the planner takes users for few and would look each up), and with
--   orders_spendmovement, read once and summed by member
WITH used AS (
    SELECT benefit, member_id, sum(uses) AS times, sum(saved) AS saved, sum(cost) AS cost
    FROM benefits_benefituse
    WHERE benefit = ANY(%(benefits)s) AND used_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY benefit, member_id
), spent AS (
    SELECT member_id, sum(orders) AS orders, sum(spend) AS spend
    FROM orders_spendmovement
    WHERE known_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY member_id
), standing AS MATERIALIZED (
    SELECT standing.member_id, ladder.code AS ladder, tier.code AS tier
    FROM tiers_standing standing
    JOIN tiers_ladder ladder ON ladder.id = standing.ladder_id
    JOIN tiers_tier tier ON tier.id = standing.tier_id
    JOIN members_member member ON member.id = standing.member_id AND member.status = 'active'
)
SELECT
    used.benefit, coalesce(standing.tier, ''), sum(used.times)::bigint, sum(used.saved), sum(used.cost),
    count(*) FILTER (WHERE used.times > 0),
    coalesce(sum(spent.orders) FILTER (WHERE used.times > 0), 0)::bigint,
    coalesce(sum(spent.spend) FILTER (WHERE used.times > 0), 0)
FROM used
JOIN unnest(%(benefits)s::text[], %(ladders)s::text[]) AS asked (benefit, ladder) ON asked.benefit = used.benefit
LEFT JOIN standing ON standing.member_id = used.member_id AND standing.ladder = asked.ladder
LEFT JOIN spent ON spent.member_id = used.member_id
GROUP BY used.benefit, standing.tier
ORDER BY used.benefit, standing.tier
