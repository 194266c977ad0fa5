-- purpose: which active ones of some members celebrate on a date: their birthday, the day on which they joined
-- parameters: date, days (month and day as MMDD: two where a 28 February stands in for the 29th), starts_at (the date's
--   first instant), zone (the programme's), birthday, anniversary (whether it is asked for), members (ids)
-- locks: none
-- plan: the ids as given, members_member by its key
SELECT id, is_birthday, is_anniversary
FROM unnest(%(members)s::bigint[]) AS asked (member_id)
JOIN members_member ON id = asked.member_id
CROSS JOIN LATERAL (
    SELECT
        %(birthday)s AND coalesce(birthday < %(date)s AND to_char(birthday, 'MMDD') = ANY(%(days)s), false) AS is_birthday,
        %(anniversary)s AND (joined_at AT TIME ZONE %(zone)s)::date < %(date)s
            AND to_char(joined_at AT TIME ZONE %(zone)s, 'MMDD') = ANY(%(days)s) AS is_anniversary
) celebrates
WHERE status = 'active' AND joined_at < %(starts_at)s AND (is_birthday OR is_anniversary)
ORDER BY id
