-- purpose: everybody on a ladder, counted by what tiers.rules can tell apart: where he stands, and how many thresholds of
--   each metric he has reached in each window; with what each such group spent in a year, and two members as examples
-- parameters: ladder, date, zone; starts, by_member (of each window: its first date, and the least of all where it is the
--   membership year; whether it is); windows (how many of them the rules ask; another may follow, for the year's spend);
--   year (which of them is the year's); since (the least first date of all); active_days, referrals (whether any version
--   asks for them); by_joining (whether the date of joining matters besides); step_bits;
--   spend, orders, growth, active_days_of, years, referrals_of (the thresholds of each metric, from the least)
--   not_own (types of events that are no deed of the member's own)
-- locks: none; one statement sees one moment
-- plan: what counts since the least date read once for each of spend, growth, events and referrals, crossed with the
--   windows and grouped; then hashed with members and standings and grouped again. Where a window is the membership year,
--   the same once more, hashed with each member's own first date
--
-- A group is one call of the rules. The first columns are those of tiers.rules.places.PLACE in their order; what the
-- night does not look at is left out.
WITH windows AS MATERIALIZED (
    SELECT * FROM unnest(%(starts)s::date[], %(by_member)s::boolean[]) WITH ORDINALITY AS w (starts, by_member, place)
), joined AS MATERIALIZED (
    SELECT
        member.id AS member_id, joined_on, calendar_years,
        calendar_years - ((joined_on + make_interval(years => calendar_years))::date > %(date)s)::int AS turns
    FROM members_member member
    CROSS JOIN LATERAL (
        SELECT
            (joined_at AT TIME ZONE %(zone)s)::date AS joined_on,
            extract(year FROM %(date)s::date)::int - extract(year FROM joined_at AT TIME ZONE %(zone)s)::int
                AS calendar_years
    ) years
), own AS MATERIALIZED (
    SELECT
        member_id, place,
        coalesce(greatest((joined_on + make_interval(years => turns))::date, joined_on), starts) AS starts
    FROM joined
    CROSS JOIN windows
    WHERE by_member
), spent AS (
    SELECT member_id, place, sum(spend) AS spend, sum(orders) AS orders
    FROM (
        SELECT member_id, place, spend, orders
        FROM orders_spendmovement
        JOIN windows ON NOT by_member AND counts_on >= starts
        WHERE counts_on >= %(since)s AND counts_on <= %(date)s AND known_on <= %(date)s
        UNION ALL
        SELECT member_id, place, spend, orders
        FROM orders_spendmovement
        JOIN own USING (member_id)
        WHERE counts_on >= own.starts AND counts_on >= %(since)s AND counts_on <= %(date)s AND known_on <= %(date)s
    ) counted
    GROUP BY member_id, place
), grown AS (
    SELECT member_id, place, sum(points) AS growth
    FROM (
        SELECT member_id, place, points
        FROM points_entry
        JOIN windows ON NOT by_member AND counts_on >= starts
        WHERE wallet = 'growth' AND counts_on >= %(since)s AND counts_on <= %(date)s AND business_date <= %(date)s
        UNION ALL
        SELECT member_id, place, points
        FROM points_entry
        JOIN own USING (member_id)
        WHERE wallet = 'growth' AND counts_on >= own.starts AND counts_on >= %(since)s AND counts_on <= %(date)s
            AND business_date <= %(date)s
    ) counted
    GROUP BY member_id, place
), began AS MATERIALIZED (
    SELECT member_id, place, starts FROM own
    UNION ALL
    SELECT member_id, place, starts
    FROM joined
    CROSS JOIN windows
    WHERE NOT by_member AND (%(active_days)s OR %(referrals)s)
), acted AS (
    SELECT member_id, place, counts_on AS date
    FROM orders_spendmovement
    JOIN began USING (member_id)
    WHERE %(active_days)s AND counts_on >= began.starts AND counts_on <= %(date)s AND known_on <= %(date)s
    GROUP BY member_id, place, counts_on
    HAVING sum(orders) > 0
    UNION
    SELECT member_id, place, business_date
    FROM orders_shopevent
    JOIN began USING (member_id)
    WHERE %(active_days)s AND business_date >= began.starts AND business_date <= %(date)s
        AND type <> ALL(%(not_own)s)
), active AS (
    SELECT member_id, place, count(*) AS days FROM acted GROUP BY member_id, place
), referred AS (
    SELECT member_id, place, count(*) AS friends
    FROM points_entry
    JOIN began USING (member_id)
    WHERE %(referrals)s AND wallet = 'points' AND kind = 'accrual'
        AND business_date >= began.starts AND business_date <= %(date)s
        AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend'
    GROUP BY member_id, place
), keyed AS (
    SELECT
        member_id, joined_on,
        array_agg(
            width_bucket(coalesce(spend, 0), %(spend)s::numeric[])::bigint
            + (width_bucket(coalesce(orders, 0)::numeric, %(orders)s::numeric[])::bigint << %(step_bits)s)
            + (width_bucket(coalesce(growth, 0)::numeric, %(growth)s::numeric[])::bigint << 2 * %(step_bits)s)
            + (width_bucket(coalesce(days, 0)::numeric, %(active_days_of)s::numeric[])::bigint << 3 * %(step_bits)s)
            + (width_bucket(coalesce(greatest(turns, 0), 0)::numeric, %(years)s::numeric[])::bigint << 4 * %(step_bits)s)
            + (width_bucket(coalesce(friends, 0)::numeric, %(referrals_of)s::numeric[])::bigint << 5 * %(step_bits)s)
            ORDER BY place
        ) FILTER (WHERE place <= %(windows)s) AS keys,
        coalesce(sum(spend) FILTER (WHERE place = %(year)s), 0) AS year_spend
    FROM joined
    CROSS JOIN windows
    LEFT JOIN spent USING (member_id, place)
    LEFT JOIN grown USING (member_id, place)
    LEFT JOIN active USING (member_id, place)
    LEFT JOIN referred USING (member_id, place)
    GROUP BY member_id, joined_on
), stood AS (
    SELECT standing.*, keys, year_spend, CASE WHEN %(by_joining)s THEN joined_on END AS joined_on
    FROM tiers_standing standing
    JOIN keyed USING (member_id)
    WHERE standing.ladder_id = %(ladder)s
)
SELECT
    tier_id, min(rank), NULL, until_date, grace_date, highest_rank, '', 0, NULL,
    next_tier_id, next_date, '', hold_kind, earned_tier_id, NULL, earned_until_date, earned_grace_date,
    joined_on, keys, count(*), sum(year_spend), min(member_id), max(member_id)
FROM stood
GROUP BY tier_id, until_date, grace_date, highest_rank, next_tier_id, next_date, hold_kind, earned_tier_id,
    earned_until_date, earned_grace_date, joined_on, keys
