-- purpose: finds members who had checked in so many days in a row and missed the day before one of some dates, for a triggered
--   campaign
-- parameters: run (its recipients are left); dates, days_in_row (the dates, and how many days); zone
-- locks: none
-- plan: orders_shopevent_checked_in, then orders_shopevent_of_member for each
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT DISTINCT e.member_id, 'streak:' || e.business_date AS occasion, day.date::timestamp AT TIME ZONE %(zone)s AS at
    FROM unnest(%(dates)s::date[]) AS day (date)
    JOIN orders_shopevent e ON e.type = 'check_in' AND e.business_date = day.date - 2 AND e.member_id IS NOT NULL
    WHERE NOT EXISTS (
        SELECT FROM orders_shopevent later
        WHERE later.member_id = e.member_id AND later.type = 'check_in' AND later.business_date >= day.date - 1)
      AND (SELECT count(DISTINCT before.business_date) FROM orders_shopevent before
           WHERE before.member_id = e.member_id AND before.type = 'check_in'
             AND before.business_date > day.date - 2 - %(days_in_row)s AND before.business_date <= day.date - 2) = %(days_in_row)s
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
