-- purpose: the dates on which the lots of a chunk expire
-- parameters: date, above, upto (member ids)
-- locks: none; their wallets are locked by lock_ending
-- plan: points_lot_expiring and points_balance_idle alone
SELECT expires_on
FROM points_lot
WHERE expires_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
UNION
SELECT idle_until
FROM points_balance
WHERE idle_until <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
