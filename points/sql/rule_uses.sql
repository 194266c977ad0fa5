-- purpose: what some rules have given a member: on a date, in its month, ever
-- parameters: member_id, rules (codes), on, starts, ends (first and last date of the month)
-- locks: none
-- plan: points_ruleuse_of_member alone, grouped
SELECT
    rule,
    coalesce(sum(points) FILTER (WHERE counts_on = %(on)s), 0)::bigint,
    coalesce(sum(points) FILTER (WHERE counts_on BETWEEN %(starts)s AND %(ends)s), 0)::bigint,
    sum(points)::bigint
FROM points_ruleuse
WHERE member_id = %(member_id)s AND rule = ANY(%(rules)s)
GROUP BY rule
