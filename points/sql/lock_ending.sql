-- purpose: lock the wallets whose lots a chunk expires, before the next statements read them
-- parameters: date, above, upto (member ids)
-- locks: points_balance rows FOR NO KEY UPDATE in the order of members and wallets, as every deed does
-- plan: points_lot_expiring and points_balance_idle within the range, hashed; then points_balance by its key
SELECT count(*)
FROM (
    SELECT FROM points_balance
    WHERE (member_id, wallet) IN (
        SELECT member_id, wallet
        FROM points_lot
        WHERE expires_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
        UNION ALL
        SELECT member_id, wallet
        FROM points_balance
        WHERE idle_until <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
    )
    ORDER BY member_id, wallet
    FOR NO KEY UPDATE
) locked
