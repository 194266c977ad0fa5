-- purpose: members whom something has reached that sets a campaign going, as freeze.sql asks for them
-- parameters: members, occasions, bases (arrays: who, because of what, the instant it counts from)
-- locks: none
-- plan: members by key
SELECT m.id, m.time_zone, entering.occasion, entering.base
FROM unnest(%(members)s::bigint[], %(occasions)s::text[], %(bases)s::timestamptz[]) AS entering (member_id, occasion, base)
JOIN members_member m ON m.id = entering.member_id AND m.status = 'active'
