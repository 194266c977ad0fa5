-- purpose: who is meant by numbers, and by what members are known by: each identity with the member it is of, and the key
--   of the one that stands for him now; a number's has no kind
-- parameters: numbers, values (spellings of identities), login (how the source of a log-in begins, which names nobody)
-- locks: none
-- plan: members_member_number and members_identity by value; members_member by its key
SELECT named.kind, named.source, named.value, named.member_id, kept.id, kept.number, kept.status, kept.joined_at, kept.language
FROM (
    SELECT identity.kind, identity.source, identity.value, member.id AS member_id, member.merged_into_id
    FROM members_identity identity
    JOIN members_member member ON member.id = identity.member_id
    WHERE identity.value = ANY(%(values)s::text[]) AND NOT starts_with(identity.source, %(login)s::text)
        AND member.status <> 'pending'
    UNION ALL
    SELECT '', '', number, id, merged_into_id FROM members_member WHERE number = ANY(%(numbers)s::text[])
) named
JOIN members_member kept ON kept.id = coalesce(named.merged_into_id, named.member_id)
