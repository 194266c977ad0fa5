-- purpose: deeds of which rules are counted to have given something else than was awarded, or than the ledger booked
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: points_ruleuse of the rule * hashed by deed, points_earning hashed; of each deed its entries by
--   points_entry_source_key_once
--
-- The key of a deed has three parts at most; what follows from it goes on behind them. What a return could not take
-- back, because it had lapsed or by the refund policy, stays booked: so the two are compared where nothing came back.
WITH counted AS (
    SELECT
        member_id, array_to_string((string_to_array(source_key, ':'))[1:3], ':') COLLATE "C" AS deed_key,
        sum(points)::bigint AS points
    FROM points_ruleuse
    WHERE rule = '*'
    GROUP BY 1, 2
)
SELECT member.number, earning.deed_key, coalesce(counted.points, 0), earning.awarded, booked.points
FROM points_earning earning
JOIN members_member member ON member.id = earning.member_id
LEFT JOIN counted USING (member_id, deed_key)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(points), 0)::bigint AS points, coalesce(bool_or(kind = 'reversal'), false) AS came_back
    FROM points_entry entry
    WHERE entry.member_id = earning.member_id AND entry.wallet = 'points' AND entry.kind IN ('accrual', 'reversal')
        AND entry.source_key NOT LIKE '%%:restored'
        AND (entry.source_key = earning.deed_key COLLATE "C"
            OR entry.source_key >= (earning.deed_key || ':') COLLATE "C"
                AND entry.source_key < (earning.deed_key || ';') COLLATE "C")
) booked
WHERE coalesce(counted.points, 0) NOT BETWEEN 0 AND earning.awarded
    OR NOT came_back AND coalesce(counted.points, 0) <> booked.points
ORDER BY member.id, earning.deed_key
