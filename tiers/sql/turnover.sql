-- purpose: points earned and spent and sales by month and tier held at that moment; and by month, how many members
--   earned, and how many spent points, for the first time ever
-- parameters: ladder, starts_on, ends_on (both inclusive), lowest (code of the tier of those on whom nothing was decided)
-- locks: none; one statement sees one moment
-- plan: points_entry read once up to ends_on, hashed with the decisions by member and grouped; orders_spendmovement the
--   same for the dates of the period
--
-- What a deed did before the decision that it caused counts for the tier before, so a decision holds from the instant
-- after its own through that of the next. Rows of members (sales null) have the tier's code null.
WITH held AS (
    SELECT
        member_id, tier.code,
        CASE WHEN decision.seq = min(decision.seq) OVER (PARTITION BY member_id)
            THEN '-infinity' ELSE decision.at END AS since,
        lead(decision.at, 1, 'infinity') OVER (PARTITION BY member_id ORDER BY decision.seq) AS until
    FROM tiers_decision decision
    JOIN tiers_tier tier ON tier.id = decision.to_tier_id
    WHERE decision.ladder_id = %(ladder)s
), moved AS MATERIALIZED (
    SELECT
        entry.member_id, held.code, date_trunc('month', business_date)::date AS month,
        coalesce(sum(points) FILTER (WHERE kind IN ('accrual', 'reversal')), 0)::bigint AS earned,
        coalesce(-sum(points) FILTER (WHERE kind IN ('redemption', 'restoration')), 0)::bigint AS spent
    FROM points_entry entry
    LEFT JOIN held ON held.member_id = entry.member_id AND entry.at > held.since AND entry.at <= held.until
    WHERE wallet = 'points' AND business_date <= %(ends_on)s
        AND kind IN ('accrual', 'reversal', 'redemption', 'restoration')
    GROUP BY 1, 2, 3
), sold AS (
    SELECT held.code, date_trunc('month', known_on)::date AS month, sum(spend) AS sales
    FROM orders_spendmovement movement
    LEFT JOIN held ON held.member_id = movement.member_id AND movement.at > held.since AND movement.at <= held.until
    WHERE known_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY 1, 2
), flows AS (
    SELECT month, coalesce(code, %(lowest)s) AS code, earned, spent, 0::numeric AS sales
    FROM moved
    WHERE month >= date_trunc('month', %(starts_on)s::date)
    UNION ALL
    SELECT month, coalesce(code, %(lowest)s), 0, 0, sales FROM sold
), of_member AS (
    SELECT member_id, month, sum(earned) AS earned, sum(spent) AS spent FROM moved GROUP BY 1, 2
), firsts AS (
    SELECT min(month) FILTER (WHERE earned > 0) AS earned_in, min(month) FILTER (WHERE spent > 0) AS spent_in
    FROM of_member
    GROUP BY member_id
)
SELECT month, code, sum(earned)::bigint, sum(spent)::bigint, sum(sales)
FROM flows
GROUP BY 1, 2
UNION ALL
SELECT first.month, NULL, count(*) FILTER (WHERE first.is_earned), count(*) FILTER (WHERE NOT first.is_earned), NULL
FROM firsts
CROSS JOIN LATERAL (VALUES (earned_in, true), (spent_in, false)) first (month, is_earned)
WHERE first.month IS NOT NULL
GROUP BY 1
ORDER BY 1, 2
