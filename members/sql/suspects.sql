-- purpose: pairs of memberships that may be one person's, and that nobody has told apart
-- parameters: kind, first, second (the place after which the page begins), limit
-- locks: none; one statement sees one moment
-- plan: members_identity and members_member read once each, grouped by the hashes of what is compared; those that
--   nobody shares fall out before any pair is made
WITH heard AS (
    SELECT
        identity.member_id,
        identity.kind,
        CASE identity.kind
            WHEN 'phone' THEN right(regexp_replace(identity.value, '[^0-9]', '', 'g'), 9)
            ELSE replace(split_part(split_part(identity.value, '@', 1), '+', 1), '.', '') || '@' || split_part(identity.value, '@', 2)
        END AS key
    FROM members_identity identity
    WHERE identity.kind = 'email' OR (identity.kind = 'phone' AND length(identity.value) >= 9)
    UNION ALL
    SELECT id, 'name', lower(name) || ' ' || birthday
    FROM members_member
    WHERE name <> '' AND birthday IS NOT NULL AND status = 'active'
), shared AS (
    SELECT kind, key, array_agg(DISTINCT member_id ORDER BY member_id) AS members
    FROM heard
    GROUP BY kind, key
    HAVING count(DISTINCT member_id) BETWEEN 2 AND 20
), pairs AS (
    SELECT min(shared.kind) AS kind, one.id AS first_id, other.id AS second_id
    FROM shared
    CROSS JOIN LATERAL unnest(shared.members) AS one (id)
    CROSS JOIN LATERAL unnest(shared.members) AS other (id)
    WHERE one.id < other.id
    GROUP BY one.id, other.id
)
SELECT pairs.kind, first.id, first.number, first.name, second.id, second.number, second.name
FROM pairs
JOIN members_member first ON first.id = pairs.first_id AND first.status = 'active'
JOIN members_member second ON second.id = pairs.second_id AND second.status = 'active'
WHERE (pairs.kind, pairs.first_id, pairs.second_id) > (%(kind)s, %(first)s, %(second)s)
    AND NOT EXISTS (
        SELECT FROM members_nottwice apart
        WHERE apart.first_id = pairs.first_id AND apart.second_id = pairs.second_id
    )
ORDER BY pairs.kind, pairs.first_id, pairs.second_id
LIMIT %(limit)s
