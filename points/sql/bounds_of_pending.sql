-- purpose: how release_lots cuts what is due into chunks: the last member of each
-- parameters: date, after (member id), lots (a chunk)
-- locks: none
-- plan: points_lot_pending, read and numbered by member
SELECT max(member_id)
FROM (
    SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1) / %(lots)s AS chunk
    FROM points_lot
    WHERE pending AND active_on <= %(date)s AND member_id > %(after)s
) due
GROUP BY chunk
ORDER BY chunk
