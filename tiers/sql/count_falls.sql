-- purpose: at most how many members a night lets fall, from what find_all or find_of_day found
-- parameters: ladder, date
-- locks: none
-- plan: the temporary table, tiers_standing by its key, versions a handful of rows
SELECT count(*)
FROM tiers_found found
JOIN tiers_standing standing ON standing.member_id = found.member_id AND standing.ladder_id = %(ladder)s
WHERE found.decides
    AND coalesce(
        grace_date,
        until_date + (SELECT min(grace_days) FROM tiers_ladderversion WHERE ladder_id = %(ladder)s)
    ) <= %(date)s
