-- purpose: the dates on which the lots of a chunk expire
-- parameters: date, above, upto (member ids)
-- locks: none; their wallets are locked by lock_ending
-- plan: points_lot_expiring alone
SELECT DISTINCT expires_on
FROM points_lot
WHERE expires_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
