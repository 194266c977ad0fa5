-- purpose: decide as tiers.rules.at_night does, again and again until nothing is due, and write the decisions
-- parameters: ladder, date, zone, above, upto (member ids);
--   days, ends, versions (each date that may be decided on, its last instant, the ladder version in force)
-- locks: tiers_standing rows, locked by lock_found in the statement before
-- plan: the temporary table within the range, tiers_standing by its key; per member and turn index-only scans of
--   orders_spendmovement_window and points_entry_growth_window; tiers and versions are a handful of rows
--
-- A turn decides on one date: the date of the night, or before it the date on which a standing that was left lying had
-- become due, and after that each date on which something counted for the member. So late nights equal nights on time.
WITH RECURSIVE days AS MATERIALIZED (
    SELECT
        day.date, day.ends_at, day.version_id, version.grace_days,
        make_interval(years => version.validity_years) AS validity,
        day.date - (version.window_days - 1) AS window_starts
    FROM unnest(%(days)s::date[], %(ends)s::timestamptz[], %(versions)s::bigint[]) AS day (date, ends_at, version_id)
    JOIN tiers_ladderversion version ON version.id = day.version_id
), walk AS (
    SELECT
        standing.member_id, 0 AS turn, NULL::date AS on_date, standing.seq,
        (standing.decided_at AT TIME ZONE %(zone)s)::date AS decided_on,
        standing.rank::int AS rank, standing.tier_id, standing.since_date, standing.until_date, standing.grace_date,
        NULL::text AS kind, NULL::bigint AS from_tier_id, NULL::date AS until_before,
        NULL::numeric AS spend, NULL::int AS orders, NULL::bigint AS growth,
        NULL::text AS reached_by, NULL::numeric AS threshold, NULL::date AS window_starts, NULL::timestamptz AS ends_at
    FROM tiers_found found
    JOIN tiers_standing standing ON standing.member_id = found.member_id AND standing.ladder_id = %(ladder)s
    WHERE found.decides AND found.member_id > %(above)s AND found.member_id <= %(upto)s
        AND (standing.decided_at AT TIME ZONE %(zone)s)::date <= %(date)s

    UNION ALL

    SELECT
        walk.member_id, walk.turn + 1, days.date, walk.seq, walk.decided_on,
        after.rank, coalesce(after_tier.id, walk.tier_id), after.since_date, after.until_date, after.grace_date,
        outcome.kind, walk.tier_id, walk.until_date,
        facts.spend, facts.orders, facts.growth,
        CASE outcome.kind WHEN 'renewal' THEN kept.by WHEN 'grace' THEN NULL ELSE earned.by END,
        CASE outcome.kind WHEN 'renewal' THEN kept.threshold WHEN 'grace' THEN NULL ELSE earned.threshold END,
        days.window_starts, days.ends_at
    FROM walk
    CROSS JOIN LATERAL (
        SELECT coalesce(walk.grace_date, walk.until_date) AS date
    ) due
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN walk.on_date IS NULL AND due.date < %(date)s THEN greatest(due.date, walk.decided_on)
            WHEN walk.on_date IS NULL THEN %(date)s
            WHEN due.date <= walk.on_date THEN walk.on_date
            ELSE least(
                %(date)s,
                due.date,
                (
                    SELECT min(greatest(counts_on, known_on))
                    FROM orders_spendmovement movement
                    WHERE movement.member_id = walk.member_id AND greatest(counts_on, known_on) > walk.on_date
                ),
                (
                    SELECT min(greatest(counts_on, business_date))
                    FROM points_entry entry
                    WHERE entry.member_id = walk.member_id AND wallet = 'growth'
                        AND greatest(counts_on, business_date) > walk.on_date
                )
            )
        END AS date
    ) next
    JOIN days ON days.date = next.date
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(spend), 0) AS spend, coalesce(sum(orders), 0)::int AS orders
        FROM orders_spendmovement movement
        WHERE movement.member_id = walk.member_id
            AND counts_on >= days.window_starts AND counts_on <= days.date AND known_on <= days.date
    ) spent
    CROSS JOIN LATERAL (
        SELECT spent.spend, spent.orders, coalesce(sum(points), 0)::bigint AS growth
        FROM points_entry entry
        WHERE entry.member_id = walk.member_id AND wallet = 'growth'
            AND counts_on >= days.window_starts AND counts_on <= days.date AND business_date <= days.date
    ) facts
    LEFT JOIN LATERAL (
        SELECT
            tier.rank,
            CASE
                WHEN facts.spend >= reach_spend THEN 'spend' WHEN facts.orders >= reach_orders THEN 'orders' ELSE 'growth'
            END AS by,
            CASE
                WHEN facts.spend >= reach_spend THEN reach_spend
                WHEN facts.orders >= reach_orders THEN reach_orders
                ELSE reach_growth
            END AS threshold
        FROM tiers_tier tier
        WHERE tier.version_id = days.version_id AND tier.rank > 0
            AND (facts.spend >= reach_spend OR facts.orders >= reach_orders OR facts.growth >= reach_growth)
        ORDER BY tier.rank DESC
        LIMIT 1
    ) earned ON true
    LEFT JOIN LATERAL (
        SELECT
            CASE
                WHEN facts.spend >= keep_spend THEN 'spend' WHEN facts.orders >= keep_orders THEN 'orders' ELSE 'growth'
            END AS by,
            CASE
                WHEN facts.spend >= keep_spend THEN keep_spend
                WHEN facts.orders >= keep_orders THEN keep_orders
                ELSE keep_growth
            END AS threshold
        FROM tiers_tier tier
        WHERE tier.version_id = days.version_id AND tier.rank = walk.rank
            AND (facts.spend >= keep_spend OR facts.orders >= keep_orders OR facts.growth >= keep_growth)
    ) kept ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN earned.rank > walk.rank THEN 'upgrade'
            WHEN walk.until_date IS NULL THEN NULL
            WHEN walk.grace_date IS NULL AND walk.until_date > days.date THEN NULL
            WHEN kept.by IS NOT NULL THEN 'renewal'
            WHEN walk.grace_date IS NULL THEN 'grace'
            WHEN walk.grace_date <= days.date THEN 'downgrade'
        END AS kind
    ) outcome
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN outcome.kind IN ('upgrade', 'downgrade') THEN coalesce(earned.rank, 0) ELSE walk.rank END AS rank,
            CASE WHEN outcome.kind IN ('upgrade', 'downgrade') THEN days.date ELSE walk.since_date END AS since_date,
            CASE
                WHEN outcome.kind = 'renewal' THEN (walk.until_date + days.validity)::date
                WHEN outcome.kind = 'downgrade' AND earned.rank IS NULL THEN NULL
                WHEN outcome.kind IN ('upgrade', 'downgrade') THEN (days.date + days.validity)::date
                ELSE walk.until_date
            END AS until_date,
            CASE
                WHEN outcome.kind = 'grace' THEN walk.until_date + days.grace_days
                WHEN outcome.kind IS NULL THEN walk.grace_date
            END AS grace_date
    ) after
    LEFT JOIN tiers_tier after_tier
        ON outcome.kind IS NOT NULL AND after_tier.version_id = days.version_id AND after_tier.rank = after.rank
    WHERE walk.on_date IS NULL OR walk.on_date < %(date)s OR due.date <= walk.on_date
), decided AS (
    SELECT *, (seq + row_number() OVER (PARTITION BY member_id ORDER BY turn))::int AS number
    FROM walk
    WHERE kind IS NOT NULL
), written AS (
    INSERT INTO tiers_decision (
        member_id, ladder_id, seq, kind, at, business_date, from_tier_id, to_tier_id, until_before, until_date,
        grace_date, spend, orders, growth, reached_by, threshold, window_starts_date, cause, actor
    )
    SELECT
        member_id, %(ladder)s, number, kind, ends_at, on_date, from_tier_id, tier_id, until_before, until_date,
        grace_date, spend, orders, growth, coalesce(reached_by, ''), threshold, window_starts,
        'night:' || to_char(on_date, 'YYYY-MM-DD'), 'night'
    FROM decided
), moved AS (
    UPDATE tiers_standing standing
    SET
        tier_id = last.tier_id, rank = last.rank, since_date = last.since_date, until_date = last.until_date,
        grace_date = last.grace_date, seq = last.number, decided_at = last.ends_at
    FROM (SELECT DISTINCT ON (member_id) * FROM decided ORDER BY member_id, turn DESC) last
    WHERE standing.member_id = last.member_id AND standing.ladder_id = %(ladder)s
)
SELECT kind, count(*) FROM decided GROUP BY kind
