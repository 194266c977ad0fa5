-- purpose: finds members whose points were found to lapse soon, for a triggered campaign
-- parameters: run (its recipients are left); dates (on which the notice is due); zone
-- locks: none
-- plan: points_expirynotice_due
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT n.member_id, 'lapse:' || n.expires_on || ':' || n.days_before AS occasion, n.due_on::timestamp AT TIME ZONE %(zone)s AS at
    FROM points_expirynotice n
    WHERE n.due_on = ANY(%(dates)s::date[])
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
