-- purpose: lots of which returns let more be than had expired of them
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: reversals by points_entry_reversals; of those that let something be the member's entries by the primary key
--
-- A step that was written before steps named their lot says nothing of any.
WITH let_be AS (
    SELECT
        member_id, wallet, (step -> 'lot' ->> 0)::date AS active_on, (step -> 'lot' ->> 1)::date AS expires_on,
        sum((step ->> 'points')::bigint)::bigint AS points
    FROM points_entry
    CROSS JOIN LATERAL jsonb_array_elements(explanation) step
    WHERE kind = 'reversal' AND step ->> 'code' = 'already_expired' AND step -> 'lot' IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT member.number, let_be.wallet, let_be.active_on, let_be.expires_on, let_be.points, expired.points
FROM let_be
JOIN members_member member ON member.id = let_be.member_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(lot.points), 0)::bigint AS points
    FROM points_entry entry
    CROSS JOIN LATERAL unnest(entry.lot_active_on, entry.lot_expires_on, entry.lot_points)
        AS lot (active_on, expires_on, points)
    WHERE entry.member_id = let_be.member_id AND entry.wallet = let_be.wallet AND entry.kind = 'expiry'
        AND lot.active_on = let_be.active_on AND lot.expires_on = let_be.expires_on
) expired
WHERE let_be.points > expired.points
ORDER BY member.id, let_be.wallet, let_be.active_on
