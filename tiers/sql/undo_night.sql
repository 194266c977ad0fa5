-- purpose: put those on whom a night decided, and nobody since, back to where they stood before it; count who went where
-- parameters: ladder, since, date (what nights decided on dates in between, both inclusive, is undone), at, on (its
--   business date), cause, actor, reason
-- locks: tiers_standing rows, locked by lock_night a statement before in the order of members
-- plan: tiers_decision_by_date for the night's decisions, then by the keys of standings and decisions
--
-- The rows of the answer are (tier left, tier returned to, members); of those who are left as they are both are empty.
-- What was given is not touched, before or after. What he had reached the tier by is read from the decisions.
WITH night AS (
    SELECT member_id, min(seq) AS first, max(seq) AS last, count(*) AS decisions
    FROM tiers_decision
    WHERE business_date >= %(since)s AND business_date <= %(date)s AND ladder_id = %(ladder)s AND actor = 'night'
        AND kind <> 'joined'
    GROUP BY member_id
), back AS MATERIALIZED (
    SELECT
        standing.member_id, standing.seq + 1 AS seq, standing.tier_id AS from_tier_id, standing.until_date AS until_before,
        standing.spend, standing.orders, standing.growth, greatest(standing.decided_at, %(at)s) AS at,
        last.window_starts_date, before.to_tier_id, tier.rank, before.until_date, before.grace_date,
        before.next_tier_id, before.next_date,
        coalesce(before.since_date, (
            SELECT max(business_date) FROM tiers_decision earlier
            WHERE earlier.member_id = night.member_id AND earlier.ladder_id = %(ladder)s AND earlier.seq < night.first
                AND earlier.kind IN ('joined', 'upgrade', 'downgrade')
        )) AS since_date,
        CASE WHEN before.next_tier_id IS NULL THEN '' ELSE coalesce((
            SELECT cause FROM tiers_decision earlier
            WHERE earlier.member_id = night.member_id AND earlier.ladder_id = %(ladder)s AND earlier.seq < night.first
                AND earlier.kind = 'scheduled'
            ORDER BY seq DESC LIMIT 1
        ), '') END AS next_cause,
        coalesce(rise.cause, '') AS granted_by, coalesce(rise.rank, 0) AS rank_before, rise.until_before AS until_before_date,
        (
            SELECT max(held.rank) FROM tiers_decision earlier JOIN tiers_tier held ON held.id = earlier.to_tier_id
            WHERE earlier.member_id = night.member_id AND earlier.ladder_id = %(ladder)s AND earlier.seq < night.first
                AND earlier.hold_kind = ''
        ) AS highest_rank
    FROM night
    JOIN tiers_standing standing ON standing.member_id = night.member_id AND standing.ladder_id = %(ladder)s
        AND standing.seq = night.last
    JOIN tiers_decision last ON last.member_id = night.member_id AND last.ladder_id = %(ladder)s AND last.seq = night.last
    JOIN tiers_decision before ON before.member_id = night.member_id AND before.ladder_id = %(ladder)s
        AND before.seq = night.first - 1
    JOIN tiers_tier tier ON tier.id = before.to_tier_id
    LEFT JOIN LATERAL (
        SELECT earlier.cause, lower.rank, earlier.until_before
        FROM tiers_decision earlier JOIN tiers_tier lower ON lower.id = earlier.from_tier_id
        WHERE earlier.member_id = night.member_id AND earlier.ladder_id = %(ladder)s AND earlier.seq < night.first
            AND earlier.kind = 'upgrade' AND earlier.to_tier_id = before.to_tier_id
        ORDER BY earlier.seq DESC LIMIT 1
    ) rise ON true
    -- What an event decided in between is not a night's to take back.
    WHERE standing.hold_kind = '' AND before.hold_kind = '' AND night.decisions = night.last - night.first + 1
), decided AS (
    INSERT INTO tiers_decision (
        member_id, ladder_id, seq, kind, at, business_date, from_tier_id, to_tier_id, until_before, until_date, grace_date,
        spend, orders, growth, reached_by, window_starts_date, cause, actor, since_date, next_tier_id, next_date, reason
    )
    SELECT
        member_id, %(ladder)s, seq, 'restored', at, %(on)s, from_tier_id, to_tier_id, until_before, until_date, grace_date,
        spend, orders, growth, '', window_starts_date, %(cause)s, %(actor)s, since_date, next_tier_id, next_date, %(reason)s
    FROM back
), stood AS (
    UPDATE tiers_standing standing
    SET tier_id = back.to_tier_id, rank = back.rank, since_date = back.since_date, until_date = back.until_date,
        grace_date = back.grace_date, next_tier_id = back.next_tier_id, next_date = back.next_date,
        next_cause = back.next_cause, granted_by = back.granted_by, rank_before = back.rank_before,
        until_before_date = back.until_before_date, highest_rank = back.highest_rank, counted_on = NULL,
        seq = back.seq, decided_at = back.at
    FROM back
    WHERE standing.member_id = back.member_id AND standing.ladder_id = %(ladder)s
)
SELECT from_tier_id, to_tier_id, count(*) FROM back GROUP BY 1, 2
UNION ALL
SELECT NULL, NULL, count(*) FROM night WHERE NOT EXISTS (SELECT FROM back WHERE back.member_id = night.member_id)
HAVING count(*) > 0
