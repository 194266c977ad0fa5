-- purpose: all decisions of a range of members on a ladder up to an instant, each member's latest first
-- parameters: after, upto (ids of members, the first excluded), ladder (code), until
-- locks: none
-- plan: the primary key of tiers_decision over the range, the tiers and the ladder hashed
SELECT d.member_id, d.at, d.cause, t.code, t.multiplier
FROM tiers_decision d
JOIN tiers_tier t ON t.id = d.to_tier_id
JOIN tiers_ladder l ON l.id = d.ladder_id AND l.code = %(ladder)s
WHERE d.member_id > %(after)s AND d.member_id <= %(upto)s AND d.at <= %(until)s
ORDER BY d.member_id, d.seq DESC
