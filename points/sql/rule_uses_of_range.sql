-- purpose: what each rule had given each member of a range before a date
-- parameters: after, upto (ids of members, the first excluded), since (date)
-- locks: none
-- plan: points_ruleuse_of_member alone over the range, grouped
SELECT member_id, rule, sum(points)::bigint
FROM points_ruleuse
WHERE member_id > %(after)s AND member_id <= %(upto)s AND counts_on < %(since)s
GROUP BY member_id, rule
