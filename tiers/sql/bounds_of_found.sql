-- purpose: how recalculate_tiers cuts what was found into chunks: the last member of each, and whether any may be decided
-- parameters: after (member id), members (a chunk)
-- locks: none
-- plan: the temporary table, numbered by member
SELECT max(member_id), bool_or(decides)
FROM (
    SELECT member_id, decides, (row_number() OVER (ORDER BY member_id) - 1) / %(members)s AS chunk
    FROM tiers_found
    WHERE member_id > %(after)s
) found
GROUP BY chunk
ORDER BY chunk
