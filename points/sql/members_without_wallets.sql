-- purpose: members who have joined but lack a wallet
-- parameters: wallets (how many everybody has)
-- locks: none
-- plan: members_member and points_balance read once each, hashed by member
SELECT member.number
FROM members_member member
LEFT JOIN (SELECT member_id, count(*) AS wallets FROM points_balance GROUP BY member_id) held ON held.member_id = member.id
WHERE member.joined_at IS NOT NULL AND coalesce(held.wallets, 0) <> %(wallets)s
ORDER BY member.number
