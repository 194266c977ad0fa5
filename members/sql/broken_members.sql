-- purpose: members whose number, identities or status cannot be
-- parameters: none
-- locks: none
-- plan: members_member and members_identity read once each, hashed by member; a survivor by his key
SELECT member.id, member.number, claim
FROM members_member member
LEFT JOIN (SELECT DISTINCT member_id FROM members_identity) known ON known.member_id = member.id
CROSS JOIN LATERAL (VALUES
    ('number', member.number !~ '^M[0-9]{2,}$'),
    ('unknown', member.status NOT IN ('erased', 'merged') AND known.member_id IS NULL),
    ('erased', member.status = 'erased' AND (known.member_id IS NOT NULL OR member.name <> '')),
    ('merged', member.status = 'merged' AND known.member_id IS NOT NULL),
    ('survivor', member.merged_into_id IS NOT NULL AND EXISTS (
        SELECT FROM members_member survivor WHERE survivor.id = member.merged_into_id AND survivor.status = 'merged'))
) claims (claim, is_broken)
WHERE is_broken
UNION ALL
SELECT member.id, member.number, 'identity'
FROM members_identity identity
JOIN members_member member ON member.id = identity.member_id
WHERE identity.kind = 'email' AND identity.value <> lower(identity.value)
    OR identity.kind = 'phone' AND identity.value !~ '^[+]?[0-9]{5,15}$'
ORDER BY 1, 3
