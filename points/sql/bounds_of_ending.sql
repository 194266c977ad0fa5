-- purpose: the member ids at which expire_lots cuts its chunks
-- parameters: date, after (member id), lots (a chunk)
-- locks: none
-- plan: points_lot_expiring, read and numbered by member
SELECT member_id
FROM (
    SELECT member_id, row_number() OVER (ORDER BY member_id) AS number
    FROM points_lot
    WHERE expires_on <= %(date)s AND member_id > %(after)s
) due
WHERE number %% %(lots)s = 0
ORDER BY member_id
