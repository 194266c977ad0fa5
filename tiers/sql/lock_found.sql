-- purpose: lock the standings of a chunk on which something may be decided, before the next statements read them
-- parameters: ladder, above, upto (member ids), all (also those whose sums alone may be written, where a chunk is large
--   and the statement that writes them may take them in any order)
-- locks: tiers_standing rows FOR NO KEY UPDATE in the order of members
-- plan: the temporary table within the range; tiers_standing by its key
SELECT count(*)
FROM (
    SELECT FROM tiers_standing standing
    JOIN tiers_found found ON found.member_id = standing.member_id
    WHERE standing.ladder_id = %(ladder)s AND found.member_id > %(above)s AND found.member_id <= %(upto)s
        AND (found.decides OR %(all)s)
    ORDER BY standing.member_id
    FOR NO KEY UPDATE OF standing
) locked
