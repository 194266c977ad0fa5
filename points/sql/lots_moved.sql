-- purpose: which lots the entries below a key moved, by kind
-- parameters: member_id, wallet, key
-- locks: none
-- plan: a range of points_entry_source_key_once, unnested
SELECT e.kind, lot.active_on, lot.expires_on, sum(lot.points)::bigint
FROM points_entry e
CROSS JOIN LATERAL unnest(e.lot_active_on, e.lot_expires_on, e.lot_points) AS lot (active_on, expires_on, points)
WHERE e.member_id = %(member_id)s AND e.wallet = %(wallet)s
    AND e.source_key >= (%(key)s || ':') COLLATE "C" AND e.source_key < (%(key)s || ';') COLLATE "C"
GROUP BY e.kind, lot.active_on, lot.expires_on
ORDER BY lot.expires_on, lot.active_on, e.kind
