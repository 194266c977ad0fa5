-- purpose: what a period came to by month and tier held at that moment: sales, orders, points by base and multiplier,
--   other points, points taken back; and for the whole period, without a month, how many members ordered on each tier
--   and, without a tier, how many ordered at all
-- parameters: ladder, starts_on, ends_on (both inclusive), lowest (code of the tier of those on whom nothing was decided)
-- locks: none; one statement sees one moment
-- plan: points_entry_by_date for the period, hashed with the decisions by member and grouped; orders_spendmovement read
--   once, by its member's window or whole
--
-- A decision holds from the instant after its own through that of the next, as in turnover. Of an order's line, base is
-- what is left without what rules added: the explanation has the whole line and each rule's part of it; where only a
-- part of the line was booked, the base is its share, rounded down. Base points keep the tier's multiplier, so that the
-- report can say what the lowest tier's would have made of them.
WITH held AS (
    SELECT
        member_id, tier.code,
        CASE WHEN decision.seq = min(decision.seq) OVER (PARTITION BY member_id)
            THEN '-infinity' ELSE decision.at END AS since,
        lead(decision.at, 1, 'infinity') OVER (PARTITION BY member_id ORDER BY decision.seq) AS until
    FROM tiers_decision decision
    JOIN tiers_tier tier ON tier.id = decision.to_tier_id
    WHERE decision.ladder_id = %(ladder)s
), booked AS (
    SELECT
        member_id, at, business_date, kind, points,
        CASE WHEN kind = 'accrual' AND explanation -> 0 ->> 'code' = 'order_line'
            THEN (explanation -> 0 ->> 'multiplier')::numeric END AS multiplier,
        (explanation -> 0 ->> 'line_points')::numeric AS line_points,
        CASE WHEN explanation @> '[{"code": "rule"}]' THEN (
            SELECT sum((step ->> 'points')::numeric)
            FROM jsonb_array_elements(explanation) step
            WHERE step ->> 'code' = 'rule'
        ) ELSE 0 END AS rule_points
    FROM points_entry
    WHERE wallet = 'points' AND business_date BETWEEN %(starts_on)s AND %(ends_on)s AND kind IN ('accrual', 'reversal')
), split AS (
    SELECT
        member_id, at, business_date, kind, points, multiplier,
        CASE
            WHEN multiplier IS NULL THEN 0
            WHEN rule_points = 0 THEN points
            ELSE div(points * (line_points - rule_points), line_points)
        END AS base
    FROM booked
), earned AS (
    SELECT
        held.code, date_trunc('month', business_date)::date AS month, multiplier,
        sum(base) AS base,
        sum(points - base) FILTER (WHERE kind = 'accrual') AS other,
        -sum(points) FILTER (WHERE kind = 'reversal') AS taken_back
    FROM split
    LEFT JOIN held ON held.member_id = split.member_id AND split.at > held.since AND split.at <= held.until
    GROUP BY 1, 2, 3
), sold AS (
    SELECT
        held.code, movement.member_id, date_trunc('month', known_on)::date AS month,
        sum(spend) AS sales, sum(orders) AS orders, bool_or(orders > 0) AS has_ordered
    FROM orders_spendmovement movement
    LEFT JOIN held ON held.member_id = movement.member_id AND movement.at > held.since AND movement.at <= held.until
    WHERE known_on BETWEEN %(starts_on)s AND %(ends_on)s
    GROUP BY 1, 2, 3
)
SELECT
    month, coalesce(code, %(lowest)s) AS tier, multiplier, sum(base)::bigint,
    coalesce(sum(other), 0)::bigint, coalesce(sum(taken_back), 0)::bigint, 0::numeric, 0::bigint, 0::bigint
FROM earned
GROUP BY 1, 2, 3
UNION ALL
SELECT month, coalesce(code, %(lowest)s), NULL, 0, 0, 0, sum(sales), sum(orders)::bigint, 0
FROM sold
GROUP BY 1, 2
UNION ALL
SELECT NULL, tier, NULL, 0, 0, 0, 0, 0, count(DISTINCT member_id)
FROM (SELECT coalesce(code, %(lowest)s) AS tier, member_id FROM sold WHERE has_ordered) buyers
GROUP BY GROUPING SETS ((tier), ())
ORDER BY 1, 2, 3
