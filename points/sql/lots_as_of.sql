-- purpose: what a member's lots held at an instant, put together again from the ledger, and what was owed then
-- parameters: member_id, wallet, at
-- locks: none
-- plan: the member's entries by the primary key, grouped; the row without dates is the debt
SELECT active_on, expires_on, sum(points)::bigint AS points
FROM (
    SELECT active_on, expires_on, points + debt_change AS points
    FROM points_entry
    WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND at <= %(at)s AND active_on IS NOT NULL
    UNION ALL
    SELECT lot.active_on, lot.expires_on, sign(e.points)::int * lot.points
    FROM points_entry e, unnest(e.lot_active_on, e.lot_expires_on, e.lot_points) AS lot (active_on, expires_on, points)
    WHERE e.member_id = %(member_id)s AND e.wallet = %(wallet)s AND e.at <= %(at)s
    UNION ALL
    SELECT NULL, NULL, debt_change
    FROM points_entry
    WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND at <= %(at)s AND debt_change <> 0) moved
GROUP BY active_on, expires_on
HAVING sum(points) <> 0
ORDER BY active_on, expires_on
