-- purpose: what sending asks of members: who they are, where they can be reached, when they want quiet
-- parameters: members (their ids)
-- locks: none
-- plan: each table by its index on the member, as often as there are members
SELECT
    member.id, member.number, member.status, member.language, member.time_zone,
    (SELECT value FROM members_identity WHERE member_id = member.id AND kind = 'email'
        ORDER BY verified_at NULLS LAST, id LIMIT 1) AS email,
    (SELECT value FROM members_identity WHERE member_id = member.id AND kind = 'phone'
        ORDER BY verified_at NULLS LAST, id LIMIT 1) AS phone,
    ARRAY(SELECT id::text FROM messaging_pushsubscription WHERE member_id = member.id AND ended_at IS NULL
        ORDER BY id) AS pushes,
    quiet.starts, quiet.ends
FROM members_member member
LEFT JOIN messaging_quiettime quiet ON quiet.member_id = member.id
WHERE member.id = ANY(%(members)s::bigint[])
