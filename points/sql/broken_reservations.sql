-- purpose: reservations whose entries do not say what their state says, and orders that two of them paid for
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: points_reservation once; of each its entries by points_entry_source_key_once
--
-- What does not come back because its lot had ended stands in a step of the entry.
WITH booked AS (
    SELECT reservation.*, found.taken, found.returned, found.lapsed
    FROM points_reservation reservation
    CROSS JOIN LATERAL (
        SELECT
            -coalesce(sum(points) FILTER (WHERE kind = 'redemption'), 0) AS taken,
            coalesce(sum(points) FILTER (WHERE kind <> 'redemption'), 0) AS returned,
            coalesce(sum((
                SELECT sum((step ->> 'points')::bigint)
                FROM jsonb_array_elements(explanation) step
                WHERE step ->> 'code' = 'lapsed_meanwhile'
            )), 0) AS lapsed
        FROM points_entry entry
        WHERE entry.member_id = reservation.member_id AND entry.wallet = 'points'
            AND entry.source_key >= ('reserve:' || reservation.id) COLLATE "C"
            AND entry.source_key < ('reserve:' || reservation.id || ';') COLLATE "C"
    ) found
)
SELECT member.number, booked.id, claim, booked.points, taken, returned
FROM booked
CROSS JOIN LATERAL (VALUES
    ('taken', taken <> booked.points),
    ('kept', state IN ('held', 'confirmed') AND returned <> 0),
    ('returned', state IN ('released', 'lapsed') AND returned + lapsed <> taken),
    ('once', order_key <> '' AND EXISTS (
        SELECT FROM points_reservation other WHERE other.order_key = booked.order_key AND other.id <> booked.id))
) claims (claim, is_broken)
JOIN members_member member ON member.id = booked.member_id
WHERE is_broken
ORDER BY member.id, booked.id, claim
