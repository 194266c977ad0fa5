-- purpose: for whom a birthday, or the day of joining, may come round on some dates: all of them, some twice, and of those
--   who joined on a day beside it some more
-- parameters: dates, months, days (of the birthdays that are kept on them), zone (the programme's)
-- locks: none
-- plan: members_member_birthday for each day; members_member_newest for its end, and for each date and year since the
--   first member joined
SELECT id
FROM unnest(%(months)s::int[], %(days)s::int[]) AS kept (month, day)
JOIN members_member ON extract(month FROM birthday) = kept.month AND extract(day FROM birthday) = kept.day
-- Telling who is among both is left to who asks: a hash for as many as the planner thinks of would take longer than both.
UNION ALL
SELECT id
FROM (SELECT extract(year FROM min(joined_at) AT TIME ZONE %(zone)s)::int AS year FROM members_member) first
CROSS JOIN unnest(%(dates)s::date[]) AS due (date)
-- A year more, for who joined on the day beside it that begins the year.
CROSS JOIN LATERAL generate_series(1, extract(year FROM due.date)::int - first.year + 1) AS years
CROSS JOIN LATERAL (
    SELECT (due.date - make_interval(years => years))::date::timestamp AT TIME ZONE %(zone)s AS at
) joined
JOIN members_member ON joined_at >= joined.at AND joined_at < joined.at + interval '2 days'
