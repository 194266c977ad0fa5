-- purpose: what members are told of changes of their tier that nights decided, into messaging_wanted
-- parameters: ladder (code), since, until (business dates, inclusive), raised, fallen (template versions, or null),
--     channels, due
-- locks: none
-- plan: tiers_decision_by_date for the dates; tiers hashed; members and their addresses by key
INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at, values)
SELECT d.member_id, way.channel, 'tier:' || l.code || ':' || d.seq,
    CASE WHEN dest.rank > origin.rank THEN %(raised)s::bigint ELSE %(fallen)s::bigint END, %(due)s::timestamptz,
    jsonb_build_object('from_tier', origin.names, 'to_tier', dest.names, 'valid_until', d.until_date)
FROM tiers_decision d
JOIN tiers_ladder l ON l.id = d.ladder_id AND l.code = %(ladder)s
JOIN tiers_tier origin ON origin.id = d.from_tier_id
JOIN tiers_tier dest ON dest.id = d.to_tier_id AND dest.rank <> origin.rank
JOIN members_member m ON m.id = d.member_id AND m.status = 'active'
CROSS JOIN unnest(%(channels)s::text[]) AS way (channel)
WHERE d.business_date BETWEEN %(since)s AND %(until)s AND d.cause LIKE 'night:%%'
    AND d.kind IN ('upgrade', 'downgrade', 'revalued')
    AND CASE WHEN dest.rank > origin.rank THEN %(raised)s::bigint ELSE %(fallen)s::bigint END IS NOT NULL
    AND (way.channel <> 'email' OR EXISTS (
        SELECT FROM members_identity i WHERE i.member_id = d.member_id AND i.kind = 'email'))
