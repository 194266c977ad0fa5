-- purpose: a member's entries as their canonical texts, in the order in which seals take them
-- parameters: member_id; growth_seq, points_seq (the last of each wallet)
-- locks: none
-- plan: points_entry by its primary key
SELECT wallet, seq, points_entry_text(entry)
FROM points_entry entry
WHERE member_id = %(member_id)s
    AND (wallet = 'growth' AND seq <= %(growth_seq)s OR wallet = 'points' AND seq <= %(points_seq)s)
ORDER BY wallet COLLATE "C", seq
