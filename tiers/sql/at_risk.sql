-- purpose: members whose validity or grace ends by a date and who would not keep their tier with what counts so far, by
--   what they spent in a year, most first: a page of them, or all, each with what will count and what is needed; then,
--   without a member, how many of them there are by tier and end and what they spent, and without an end how many
--   members stand on each tier above the lowest
-- parameters: ladder, by (the last date of ends), tiers (codes, null for all), year_starts, today (the year's spend), zone;
--   sign (1 forwards, -1 backwards), spend, member_id (the row beyond which to begin, null for the beginning),
--   most (null for all)
-- locks: none; one statement sees one moment
-- plan: tiers_standing by tiers_standing_ending up to the date; per member, index-only, orders_spendmovement_window and
--   points_entry_growth_window; sorted, the first few kept and named; tiers_standing read once for the members of tiers
--
-- What counts is what will be in the window on the last valid date, of what is known: the rest will have left it. In
-- grace any night keeps the tier, so there it is the window of today. Window and thresholds are those of the version
-- under which the tier was granted. Spend, orders and growth value are weighed, joined as the tier says; a tier that asks
-- for more is listed where these do not keep it. Who was given a tier is listed where he has earned a lower one; nobody
-- of a tier that is never lost is.
WITH ending AS (
    SELECT
        standing.member_id, tier.code, coalesce(grace_date, until_date) AS ends_date, grace_date IS NOT NULL AS in_grace,
        decides.date AS decides_on, opened.date AS window_starts, hold_kind <> '' AS was_given,
        tier.keep_spend, tier.keep_orders, tier.keep_growth, tier.keep_join,
        num_nonnulls(keep_active_days, keep_years, keep_referrals) > 0 AS asks_more
    FROM tiers_standing standing
    JOIN tiers_tier tier ON tier.id = standing.tier_id
    JOIN tiers_ladderversion version ON version.id = tier.version_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN grace_date IS NULL THEN greatest(until_date, %(today)s) ELSE %(today)s END AS date
    ) decides
    CROSS JOIN LATERAL (
        SELECT CASE version.window
            WHEN 'rolling' THEN decides.date - (version.window_days - 1)
            WHEN 'calendar' THEN date_trunc('year', decides.date)::date
            WHEN 'membership' THEN (
                SELECT (joined + make_interval(years => turns - ((joined + make_interval(years => turns))::date > decides.date)::int))::date
                FROM (
                    SELECT
                        (joined_at AT TIME ZONE %(zone)s)::date AS joined,
                        extract(year FROM decides.date)::int - extract(year FROM joined_at AT TIME ZONE %(zone)s)::int AS turns
                    FROM members_member WHERE id = standing.member_id
                ) member
            )
            ELSE DATE '1970-01-01'
        END AS date
    ) opened
    WHERE CASE
            WHEN hold_kind <> '' THEN (SELECT rank FROM tiers_tier WHERE id = earned_tier_id) < standing.rank
            ELSE NOT tier.never_lost AND version.at_end <> 'never'
        END
        AND standing.ladder_id = %(ladder)s AND until_date <= %(by)s AND coalesce(grace_date, until_date) <= %(by)s
        AND (%(tiers)s::text[] IS NULL OR tier.code = ANY(%(tiers)s::text[]))
), risky AS MATERIALIZED (
    SELECT
        ending.member_id, code, ends_date, in_grace, spent.spend, spent.orders, grown.growth,
        keep_spend, keep_orders, keep_growth, keep_join, spent.year_spend
    FROM ending
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(spend) FILTER (WHERE in_window), 0) AS spend,
            coalesce(sum(orders) FILTER (WHERE in_window), 0)::int AS orders,
            coalesce(sum(spend) FILTER (
                WHERE counts_on >= %(year_starts)s AND counts_on <= %(today)s AND known_on <= %(today)s
            ), 0) AS year_spend
        FROM orders_spendmovement movement
        CROSS JOIN LATERAL (
            SELECT counts_on >= window_starts AND counts_on <= decides_on AND known_on <= decides_on AS in_window
        ) placed
        WHERE movement.member_id = ending.member_id AND counts_on >= least(window_starts, %(year_starts)s)
    ) spent
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(points), 0)::bigint AS growth
        FROM points_entry entry
        WHERE entry.member_id = ending.member_id AND wallet = 'growth'
            AND counts_on >= window_starts AND counts_on <= decides_on AND business_date <= decides_on
    ) grown
    WHERE was_given OR CASE WHEN keep_join = 'all' THEN
            asks_more
            OR num_nonnulls(keep_spend, keep_orders, keep_growth) = 0
            OR coalesce(spent.spend < keep_spend, false)
            OR coalesce(spent.orders < keep_orders, false)
            OR coalesce(grown.growth < keep_growth, false)
        ELSE
            NOT coalesce(spent.spend >= keep_spend, false)
            AND NOT coalesce(spent.orders >= keep_orders, false)
            AND NOT coalesce(grown.growth >= keep_growth, false)
        END
), paged AS (
    SELECT *
    FROM risky
    WHERE %(member_id)s::bigint IS NULL OR (%(sign)s * year_spend, -%(sign)s * member_id)
        < (%(sign)s * %(spend)s::numeric, -%(sign)s * %(member_id)s::bigint)
    ORDER BY %(sign)s * year_spend DESC, %(sign)s * member_id
    LIMIT %(most)s
)
SELECT paged.*, member.number, member.name, NULL::bigint AS members
FROM paged
JOIN members_member member ON member.id = member_id
UNION ALL
SELECT NULL, code, ends_date, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, sum(year_spend), NULL, NULL, count(*)
FROM risky
GROUP BY 2, 3
UNION ALL
SELECT NULL, tier.code, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, count(*)
FROM tiers_standing standing
JOIN tiers_tier tier ON tier.id = standing.tier_id
WHERE standing.ladder_id = %(ladder)s AND standing.rank > 0
    AND (%(tiers)s::text[] IS NULL OR tier.code = ANY(%(tiers)s::text[]))
GROUP BY 2
