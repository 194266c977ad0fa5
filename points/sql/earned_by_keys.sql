-- purpose: what orders' lines earned or gave back under each of some keys; points that paid for an order are left out
-- parameters: member_id, wallet, keys
-- locks: none
-- plan: for each key a range of points_entry_source_key_once
SELECT wanted.key, sum(e.points)::bigint
FROM unnest(%(keys)s::text[]) AS wanted (key)
JOIN points_entry e ON e.member_id = %(member_id)s AND e.wallet = %(wallet)s
    AND e.explanation -> 0 ? 'line'
    AND e.source_key >= (wanted.key || ':') COLLATE "C" AND e.source_key < (wanted.key || ';') COLLATE "C"
GROUP BY wanted.key
