-- purpose: which active ones of some members are in the window of a birthday or anniversary and were not given for its year
-- parameters: ladder (id), tiers (ids of those that have it), benefit, occasion (birthday or anniversary: what is asked
--   and how the period begins), days (month and day as MMDD), dates (when each comes round this time), zone (the
--   programme's), at (the first instant of the date), since and
--   begins (only those on whom was decided since, or whose window begins now; empty: everybody), members (ids)
-- locks: none
-- plan: the ids as given; members_member by its key, some 1/12 of them; their tiers_standing by its key, and
--   benefits_entitlement_once_a_period
SELECT member.id, held.tier_id, due.date
FROM unnest(%(members)s::bigint[]) AS asked (id)
JOIN members_member member ON member.id = asked.id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN %(occasion)s = 'birthday' THEN member.birthday ELSE (member.joined_at AT TIME ZONE %(zone)s)::date
    END AS date
) first
JOIN unnest(%(days)s::text[], %(dates)s::date[]) AS due (day, date)
    ON due.day = to_char(first.date, 'MMDD') AND due.date > first.date
JOIN tiers_standing standing ON standing.member_id = member.id AND standing.ladder_id = %(ladder)s
CROSS JOIN LATERAL (
    -- The tier as it was held at the instant: what was decided since is passed over.
    SELECT CASE
        WHEN standing.decided_at < %(at)s THEN standing.tier_id
        ELSE (
            SELECT to_tier_id FROM tiers_decision decision
            WHERE decision.member_id = standing.member_id AND decision.ladder_id = standing.ladder_id
                AND decision.at < %(at)s
            ORDER BY seq DESC LIMIT 1
        )
    END AS tier_id
) held
WHERE member.status = 'active' AND member.joined_at < %(at)s
    AND (%(since)s::timestamptz IS NULL OR standing.decided_at >= %(since)s OR due.date = %(begins)s)
    AND held.tier_id = ANY(%(tiers)s)
    AND NOT EXISTS (
        SELECT FROM benefits_entitlement given
        WHERE given.member_id = member.id AND given.benefit = %(benefit)s
            AND given.period = %(occasion)s || ':' || extract(year FROM due.date)
    )
ORDER BY member.id
