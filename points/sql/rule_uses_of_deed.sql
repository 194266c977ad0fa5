-- purpose: what each rule has given with one deed, less what its returns took back
-- parameters: member_id, key (of the deed; the keys of what follows from it begin with it and a colon)
-- locks: none
-- plan: the member's uses by the primary key, filtered
SELECT rule, sum(points)::bigint
FROM points_ruleuse
WHERE member_id = %(member_id)s
    AND (source_key = %(key)s
        OR source_key >= (%(key)s || ':') COLLATE "C" AND source_key < (%(key)s || ';') COLLATE "C")
GROUP BY rule
