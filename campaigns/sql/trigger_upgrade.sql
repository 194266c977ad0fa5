-- purpose: finds members who have been raised to a higher tier, for a triggered campaign
-- parameters: run (its recipients are left); since, until (when it was recorded)
-- locks: none
-- plan: tiers_decision_by_recorded, a block range
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT d.member_id, 'upgrade:' || d.seq AS occasion, d.recorded_at AS at
    FROM tiers_decision d JOIN tiers_ladder l ON l.id = d.ladder_id AND l.code = 'main'
    WHERE d.recorded_at > %(since)s AND d.recorded_at <= %(until)s AND d.kind = 'upgrade'
      AND d.at > %(until)s::timestamptz - interval '2 days'
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
