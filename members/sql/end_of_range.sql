-- purpose: the id at which a range of so many members ends, and how many they are
-- parameters: after, size
-- locks: none
-- plan: the primary key of members_member from `after` on, at most `size` rows
SELECT max(id), count(*) FROM (
    SELECT id FROM members_member WHERE id > %(after)s ORDER BY id LIMIT %(size)s
) few
