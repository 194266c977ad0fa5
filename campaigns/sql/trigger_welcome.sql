-- purpose: finds members who have joined, for a triggered campaign
-- parameters: run (its recipients are left); since, until (when they were entered)
-- locks: none
-- plan: members_member_entered, a block range
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT m.id AS member_id, 'welcome' AS occasion, m.created_at AS at
    FROM members_member m
    WHERE m.created_at > %(since)s AND m.created_at <= %(until)s AND m.joined_at > %(until)s::timestamptz - interval '2 days'
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
