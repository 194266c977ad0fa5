-- purpose: what members are told of points that end soon, into messaging_wanted
-- parameters: since, until (dates on which to remind, inclusive), version, channels, due
-- locks: none
-- plan: points_expirynotice_due for the dates; members and their addresses by key
INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at, values)
SELECT n.member_id, way.channel, 'lapsing:' || n.expires_on || ':' || n.days_before, %(version)s::bigint,
    %(due)s::timestamptz,
    jsonb_build_object('points_ending', n.points, 'ends_on', n.expires_on, 'days_before', n.expires_on - %(until)s)
FROM points_expirynotice n
JOIN members_member m ON m.id = n.member_id AND m.status = 'active'
CROSS JOIN unnest(%(channels)s::text[]) AS way (channel)
WHERE n.due_on BETWEEN %(since)s AND %(until)s AND n.expires_on >= %(until)s
    AND (way.channel <> 'email' OR EXISTS (
        SELECT FROM members_identity i WHERE i.member_id = n.member_id AND i.kind = 'email'))
