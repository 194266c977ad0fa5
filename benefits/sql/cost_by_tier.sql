-- purpose: how often benefits, coupons and rewards were used in a period, what they saved and cost, by the tier held then
-- parameters: starts_on, ends_on (both inclusive)
-- locks: none
-- plan: benefits_benefituse read once
SELECT tier, sum(uses)::bigint, sum(saved), sum(cost)
FROM benefits_benefituse
WHERE used_on BETWEEN %(starts_on)s AND %(ends_on)s
GROUP BY tier
ORDER BY tier
