-- purpose: requests of the staff that are not in the ledger once and with their points if booked, and not at all if not
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: points_adjustment once; of each its entries by points_entry_source_key_once
--
-- An undo takes only what of the first has not been used meanwhile, so that its entry may be a part of it.
SELECT member.number, adjustment.id, adjustment.state, adjustment.points, booked.entries, booked.points
FROM points_adjustment adjustment
JOIN members_member member ON member.id = adjustment.member_id
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, coalesce(sum(points), 0)::bigint AS points
    FROM points_entry entry
    WHERE entry.member_id = adjustment.member_id AND entry.wallet = 'points'
        AND entry.source_key = ('adjustment:' || adjustment.id) COLLATE "C"
) booked
WHERE CASE adjustment.state
    WHEN 'booked' THEN booked.entries <> 1
        OR CASE adjustment.kind
            WHEN 'undo' THEN booked.points / adjustment.points::numeric NOT BETWEEN 0 AND 1
            ELSE booked.points <> adjustment.points
        END
    ELSE booked.entries <> 0
END
ORDER BY adjustment.id
