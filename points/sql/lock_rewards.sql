-- purpose: lock the wallets of members who are rewarded, before the next statement reads them
-- parameters: members (ids)
-- locks: points_balance rows FOR NO KEY UPDATE in the order of members and wallets, as every deed does
-- plan: points_balance by its key
SELECT count(*)
FROM (
    SELECT FROM points_balance
    WHERE member_id = ANY(%(members)s) AND wallet = 'points'
    ORDER BY member_id, wallet
    FOR NO KEY UPDATE
) locked
