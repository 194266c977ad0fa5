-- purpose: the digests of the entries that one seal of a member covers
-- parameters: member_id; growth_before, growth_seq, points_before, points_seq (of each wallet: last number before, last)
-- locks: none
-- plan: points_entry by its primary key
SELECT wallet, seq, sha256(convert_to(points_entry_text(entry), 'UTF8'))
FROM points_entry entry
WHERE member_id = %(member_id)s
    AND (wallet = 'growth' AND seq > %(growth_before)s AND seq <= %(growth_seq)s
        OR wallet = 'points' AND seq > %(points_before)s AND seq <= %(points_seq)s)
