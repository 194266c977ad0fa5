-- purpose: wallets with an entry that was there when the root before the last was made and is under no seal yet
-- parameters: above, upto (member ids); parts, part (of all members, one in so many: those whose id leaves this rest)
-- locks: none; the root before the last, because an entry may be committed while a night is being sealed
-- plan: points_balance by range; the last seal of each member and the entry after it by primary key
SELECT member.number, balance.wallet, entry.seq
FROM points_balance balance
JOIN members_member member ON member.id = balance.member_id
LEFT JOIN LATERAL (
    SELECT CASE balance.wallet WHEN 'points' THEN points_seq ELSE growth_seq END AS seq
    FROM points_seal seal
    WHERE seal.member_id = balance.member_id
    ORDER BY sealed_on DESC
    LIMIT 1
) last ON true
JOIN points_entry entry
    ON entry.member_id = balance.member_id AND entry.wallet = balance.wallet AND entry.seq = coalesce(last.seq, 0) + 1
WHERE balance.member_id > %(above)s AND balance.member_id <= %(upto)s
    AND balance.member_id %% %(parts)s = %(part)s
    AND balance.seq > coalesce(last.seq, 0)
    AND entry.recorded_at < (SELECT sealed_at FROM points_dayseal ORDER BY sealed_on DESC OFFSET 1 LIMIT 1)
ORDER BY member.id, balance.wallet
