-- purpose: the member with a number, or the one he was merged into: what members.queries.MemberKey says
-- parameters: number
-- locks: none
-- plan: one or two rows by their keys
SELECT known.id, known.number, known.status, known.joined_at, known.language
FROM members_member named
JOIN members_member known ON known.id = coalesce(named.merged_into_id, named.id)
WHERE named.number = %(number)s
