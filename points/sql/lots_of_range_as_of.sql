-- purpose: what the lots of each member of a range held just before an instant, and what was owed (without dates)
-- parameters: after, upto (ids of members, the first excluded), at
-- locks: none
-- plan: the primary key of points_entry over the range, grouped; the ledger of the range is read once
SELECT member_id, lot.active_on, lot.expires_on, sum(lot.points)::bigint
FROM points_entry e, LATERAL (
    SELECT e.active_on, e.expires_on, e.points + e.debt_change WHERE e.active_on IS NOT NULL
    UNION ALL
    SELECT moved.active_on, moved.expires_on, sign(e.points)::int * moved.points
    FROM unnest(e.lot_active_on, e.lot_expires_on, e.lot_points) AS moved (active_on, expires_on, points)
    UNION ALL
    SELECT NULL, NULL, e.debt_change WHERE e.debt_change <> 0
) AS lot (active_on, expires_on, points)
WHERE e.member_id > %(after)s AND e.member_id <= %(upto)s AND e.wallet = 'points' AND e.at < %(at)s
GROUP BY member_id, lot.active_on, lot.expires_on
HAVING sum(lot.points) <> 0
