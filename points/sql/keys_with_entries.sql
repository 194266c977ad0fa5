-- purpose: which of some deeds have entries, under their own key or one that continues it
-- parameters: member_id, wallet, keys
-- locks: none
-- plan: for each key a probe and a range of points_entry_source_key_once
SELECT wanted.key
FROM unnest(%(keys)s::text[]) AS wanted (key)
WHERE EXISTS (
    SELECT FROM points_entry e
    WHERE e.member_id = %(member_id)s AND e.wallet = %(wallet)s
        AND (e.source_key = wanted.key COLLATE "C"
            OR e.source_key >= (wanted.key || ':') COLLATE "C" AND e.source_key < (wanted.key || ';') COLLATE "C"))
