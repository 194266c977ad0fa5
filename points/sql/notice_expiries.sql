-- purpose: write who is to be reminded that points end, how many and when; what is written already stays as it is
-- parameters: ends, days, due (side by side: last date, days before it, date to remind on); above, upto (member ids);
--   while_active (the date of lots that end with the wallet's idle_until)
-- locks: none but the rows it adds
-- plan: points_lot_expiring and points_balance_idle by the dates within the range; members_member by its key
WITH due AS MATERIALIZED (
    SELECT day.*
    FROM unnest(%(ends)s::date[], %(days)s::int[], %(due)s::date[]) AS day (ends_on, days_before, due_on)
), ending AS (
    SELECT member_id, expires_on AS ends_on, active_on, points
    FROM points_lot
    WHERE wallet = 'points' AND expires_on = ANY(%(ends)s) AND member_id > %(above)s AND member_id <= %(upto)s
    UNION ALL
    SELECT lot.member_id, idle_until, active_on, points
    FROM points_balance balance
    JOIN points_lot lot USING (member_id, wallet)
    WHERE wallet = 'points' AND idle_until = ANY(%(ends)s) AND member_id > %(above)s AND member_id <= %(upto)s
        AND expires_on = %(while_active)s
), noticed AS (
    INSERT INTO points_expirynotice (member_id, expires_on, days_before, due_on, points)
    SELECT member_id, ends_on, days_before, due_on, sum(points)
    FROM ending
    JOIN due USING (ends_on)
    JOIN members_member member ON member.id = member_id AND member.status = 'active'
    WHERE active_on <= due_on
    GROUP BY member_id, ends_on, days_before, due_on
    ON CONFLICT DO NOTHING
    RETURNING points
)
SELECT count(*), coalesce(sum(points), 0)::bigint FROM noticed
