-- purpose: by how many members each tier grew or shrank, by month; all that lies before the first as one sum, its month
--   null; added up they are how many members' last decision up to a date gives the tier
-- parameters: ladder, first (the first date of the first month), ends_on (inclusive)
-- locks: none; one statement sees one moment
-- plan: tiers_decision read once up to ends_on, hashed by the tiers and the month; the tiers hashed
--
-- Each decision names the tier before, which is that of the decision before (broken_standings proves it), so a member
-- leaves it as he comes to the next, and nothing need be sorted by member.
SELECT month, tier.code, sum(change)::bigint
FROM (
    SELECT
        CASE WHEN business_date >= %(first)s THEN date_trunc('month', business_date)::date END AS month,
        from_tier_id, to_tier_id, count(*) AS members
    FROM tiers_decision
    WHERE ladder_id = %(ladder)s AND business_date <= %(ends_on)s AND from_tier_id IS DISTINCT FROM to_tier_id
    GROUP BY 1, 2, 3
) moved
CROSS JOIN LATERAL (VALUES (from_tier_id, -members), (to_tier_id, members)) sides (tier_id, change)
JOIN tiers_tier tier ON tier.id = sides.tier_id
GROUP BY 1, 2
HAVING sum(change) <> 0
ORDER BY 1 NULLS FIRST, 2
