-- purpose: how expire_lots cuts what is due into chunks: the last member of each
-- parameters: date, after (member id), lots (a chunk)
-- locks: none
-- plan: points_lot_expiring and points_balance_idle, read and numbered by member
SELECT max(member_id)
FROM (
    SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1) / %(lots)s AS chunk
    FROM (
        SELECT member_id FROM points_lot WHERE expires_on <= %(date)s AND member_id > %(after)s
        UNION ALL
        SELECT member_id FROM points_balance WHERE idle_until <= %(date)s AND member_id > %(after)s
    ) ending
) due
GROUP BY chunk
ORDER BY chunk
