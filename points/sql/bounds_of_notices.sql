-- purpose: how notice_expiries cuts what ends soon into chunks: the last member of each
-- parameters: ends (dates), after (member id), lots (a chunk), while_active (the date of lots that end with idle_until)
-- locks: none
-- plan: points_lot_expiring and points_balance_idle by the dates, read and numbered by member
SELECT max(member_id)
FROM (
    SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1) / %(lots)s AS chunk
    FROM (
        SELECT member_id FROM points_lot
        WHERE expires_on = ANY(%(ends)s) AND expires_on <> %(while_active)s AND member_id > %(after)s
        UNION ALL
        SELECT member_id FROM points_balance WHERE idle_until = ANY(%(ends)s) AND member_id > %(after)s
    ) ending
) due
GROUP BY chunk
ORDER BY chunk
