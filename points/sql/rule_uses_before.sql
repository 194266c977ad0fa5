-- purpose: what some rules had given all members before a date, for what was left of their budgets
-- parameters: rules (codes), since (date)
-- locks: none
-- plan: points_ruleuse_of_rule alone, grouped
SELECT rule, sum(points)::bigint FROM points_ruleuse WHERE rule = ANY(%(rules)s) AND counts_on < %(since)s GROUP BY rule
