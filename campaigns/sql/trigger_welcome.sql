-- purpose: finds members who have joined, for a triggered campaign
-- parameters: run (its recipients are left); since, until (when they joined, or were entered with a day of joining just before)
-- locks: none
-- plan: members_member_newest for who joined, however long he had been waiting for his code; members_member_entered, a
--   block range, for who was entered
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT m.id AS member_id, 'welcome' AS occasion, greatest(m.created_at, m.joined_at) AS at
    FROM members_member m
    WHERE m.joined_at > %(since)s AND m.joined_at <= %(until)s
    UNION
    SELECT m.id, 'welcome', greatest(m.created_at, m.joined_at)
    FROM members_member m
    WHERE m.created_at > %(since)s AND m.created_at <= %(until)s
        AND m.joined_at > %(until)s::timestamptz - interval '2 days' AND m.joined_at <= %(until)s
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
