-- purpose: budgets of which something else is used than their rule gave while it had one
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: points_rulebudget; of its rules the uses by points_ruleuse_of_rule, hashed with points_earning and the versions
WITH budgets AS (
    SELECT rule, sum(used)::bigint AS used
    FROM points_rulebudget
    GROUP BY rule
), budgeted AS (
    SELECT version.id AS policy_id, rule ->> 'code' AS rule
    FROM points_policyversion version
    CROSS JOIN LATERAL jsonb_array_elements(version.terms -> 'rules') rule
    WHERE rule -> 'caps' @> '[{"per": "budget"}]'
), given AS (
    SELECT uses.rule, sum(uses.points)::bigint AS points
    FROM points_ruleuse uses
    JOIN points_earning earning
        ON earning.member_id = uses.member_id
            AND earning.deed_key = array_to_string((string_to_array(uses.source_key, ':'))[1:3], ':') COLLATE "C"
    JOIN budgeted ON budgeted.policy_id = earning.policy_id AND budgeted.rule = uses.rule
    WHERE uses.rule IN (SELECT rule FROM budgets)
    GROUP BY uses.rule
)
SELECT rule, used, coalesce(points, 0)
FROM budgets
LEFT JOIN given USING (rule)
WHERE used <> coalesce(points, 0)
ORDER BY rule
