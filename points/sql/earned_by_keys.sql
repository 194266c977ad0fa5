-- purpose: what the entries under each of some keys came to, as an order's lines are booked under the order's key
-- parameters: member_id, wallet, keys
-- locks: none
-- plan: for each key a range of points_entry_source_key_once
SELECT wanted.key, sum(e.points)::bigint
FROM unnest(%(keys)s::text[]) AS wanted (key)
JOIN points_entry e ON e.member_id = %(member_id)s AND e.wallet = %(wallet)s
    AND e.source_key >= (wanted.key || ':') COLLATE "C" AND e.source_key < (wanted.key || ';') COLLATE "C"
GROUP BY wanted.key
