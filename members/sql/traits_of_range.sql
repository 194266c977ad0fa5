-- purpose: what rules may ask of each member of a range
-- parameters: after, upto (ids, the first excluded)
-- locks: none
-- plan: the primary key of members_member over the range, the tags by members_tag_once
SELECT m.id, m.birthday, m.joined_at, m.status, array_agg(t.name ORDER BY t.name) FILTER (WHERE t.name IS NOT NULL)
FROM members_member m
LEFT JOIN members_tag t ON t.member_id = m.id
WHERE m.id > %(after)s AND m.id <= %(upto)s
GROUP BY m.id
ORDER BY m.id
