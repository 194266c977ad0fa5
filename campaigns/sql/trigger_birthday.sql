-- purpose: finds members whose birthday is kept on one of some dates, for a triggered campaign
-- parameters: run (its recipients are left); dates, days (the dates, and for each a day MM-DD that is kept on it); zone
-- locks: none
-- plan: the members once
SELECT found.member_id, found.occasion, found.at FROM (
    SELECT m.id AS member_id, 'birthday:' || extract(year FROM day.date) AS occasion, day.date::timestamp AT TIME ZONE %(zone)s AS at
    FROM unnest(%(dates)s::date[], %(days)s::text[]) AS day (date, name)
    JOIN members_member m ON to_char(m.birthday, 'MM-DD') = day.name AND m.status = 'active'
) AS found
WHERE NOT EXISTS (
    SELECT FROM campaigns_recipient r
    WHERE r.run_id = %(run)s AND r.member_id = found.member_id AND r.occasion = found.occasion)
ORDER BY found.member_id
