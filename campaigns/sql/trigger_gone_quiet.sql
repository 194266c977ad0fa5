-- purpose: finds members whose last order was so many days before one of some dates, for a triggered campaign
-- parameters: run (its recipients are left); dates, days_quiet (the dates, and how many days); zone
-- locks: none
-- plan: orders_spendmovement_date, then orders_spendmovement_window for each
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT DISTINCT s.member_id, 'quiet:' || s.counts_on AS occasion, day.date::timestamp AT TIME ZONE %(zone)s AS at
    FROM unnest(%(dates)s::date[]) AS day (date)
    JOIN orders_spendmovement s ON s.counts_on = day.date - %(days_quiet)s AND s.orders > 0
    WHERE NOT EXISTS (
        SELECT FROM orders_spendmovement later
        WHERE later.member_id = s.member_id AND later.counts_on > s.counts_on AND later.orders > 0)
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
