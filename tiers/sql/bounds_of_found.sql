-- purpose: the member ids at which recalculate_tiers cuts its chunks
-- parameters: after (member id), members (a chunk)
-- locks: none
-- plan: the temporary table, numbered by member
SELECT member_id
FROM (
    SELECT member_id, row_number() OVER (ORDER BY member_id) AS number FROM tiers_found WHERE member_id > %(after)s
) found
WHERE number %% %(members)s = 0
ORDER BY member_id
