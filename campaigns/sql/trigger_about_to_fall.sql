-- purpose: finds members who were found to lose their tier soon, for a triggered campaign
-- parameters: run (its recipients are left); dates (on which the warning is due); zone
-- locks: none
-- plan: tiers_fallnotice_due
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT n.member_id, 'fall:' || n.ends_on || ':' || n.days_before AS occasion, n.due_on::timestamp AT TIME ZONE %(zone)s AS at
    FROM tiers_fallnotice n JOIN tiers_ladder l ON l.id = n.ladder_id AND l.code = 'main'
    WHERE n.due_on = ANY(%(dates)s::date[])
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
