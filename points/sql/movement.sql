-- purpose: what each business date of a period put into all members' points and took out of them, by kind of entry, and
--   what they held before it, under the kind opening and without a date
-- parameters: starts_on, ends_on (both inclusive), today (what ends before it has expired, booked or not), while_active
-- locks: none; one statement sees one moment
-- plan: points_entry_by_date from the first date on, grouped; points_balance read once; of points_lot what ended and is
--   not booked, by points_lot_expiring
--
-- What is held now less all that was booked since the first date is what was held before it. What a late night has not
-- booked yet is taken as booked on its date.
WITH due AS (
    SELECT expires_on AS date, points FROM points_lot WHERE wallet = 'points' AND expires_on < %(today)s
    UNION ALL
    SELECT idle_until, points
    FROM points_lot
    JOIN points_balance balance USING (member_id, wallet)
    WHERE wallet = 'points' AND expires_on = %(while_active)s AND idle_until < %(today)s
), moved AS MATERIALIZED (
    SELECT business_date AS date, kind, sum(points) AS points
    FROM points_entry
    WHERE wallet = 'points' AND business_date >= %(starts_on)s
    GROUP BY 1, 2
)
SELECT date, kind, sum(points)::bigint
FROM (
    SELECT date, kind, points FROM moved WHERE date <= %(ends_on)s
    UNION ALL
    SELECT date, 'expiry', -points FROM due WHERE date BETWEEN %(starts_on)s AND %(ends_on)s
    UNION ALL
    SELECT NULL, 'opening', sum(available + pending - debt) FROM points_balance WHERE wallet = 'points'
    UNION ALL
    SELECT NULL, 'opening', -points FROM moved
    UNION ALL
    SELECT NULL, 'opening', -points FROM due WHERE date < %(starts_on)s
) rows
GROUP BY 1, 2
ORDER BY 1, 2
