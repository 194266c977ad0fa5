-- purpose: for stays on a tier that began in a period: how long in days, how they ended (up, down, other) or that they
--   run still (running), how many there were of each, and what came of their ends of validity: kept, and fallen from
-- parameters: ladder, starts_on, ends_on (when the stays began, both inclusive), today (of which all that is known counts)
-- locks: none; one statement sees one moment
-- plan: tiers_decision read once and sorted by member, or walked by its primary key; the tiers hashed
--
-- A stay goes from the decision that brings a member to a tier to the one that brings him to another; a tier is its
-- code, so a renewal under a new version of the ladder does not end it; up and down as in tier_migration. A fall at the end of validity is one of a tier
-- whose last valid date was over: a member kept it by renewal, at once or within grace, or fell when grace was over.
WITH decided AS (
    SELECT
        member_id, seq, kind, business_date, tier.code,
        before.code IS DISTINCT FROM tier.code AS begins,
        sign(tier.rank - coalesce(since.rank, before.rank)) AS direction,
        coalesce(until_before <= business_date, false) AS was_over
    FROM tiers_decision decision
    JOIN tiers_tier tier ON tier.id = decision.to_tier_id
    LEFT JOIN tiers_tier before ON before.id = decision.from_tier_id
    LEFT JOIN tiers_tier since ON since.version_id = tier.version_id AND since.code = before.code
    WHERE decision.ladder_id = %(ladder)s AND business_date <= %(today)s
), numbered AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY member_id ORDER BY seq) AS stay
    FROM decided
), stays AS (
    SELECT
        member_id, stay, max(code) AS code, min(business_date) AS began,
        count(*) FILTER (WHERE kind = 'renewal' AND NOT begins) AS kept,
        max(direction) FILTER (WHERE begins) AS came,
        bool_or(begins AND was_over) AS came_at_end
    FROM numbered
    GROUP BY member_id, stay
), followed AS (
    SELECT
        code, began, kept,
        lead(began) OVER later AS ended,
        lead(came) OVER later AS went,
        lead(came_at_end) OVER later AS went_at_end
    FROM stays
    WINDOW later AS (PARTITION BY member_id ORDER BY stay)
)
SELECT
    code, coalesce(ended, %(today)s::date) - began AS days,
    CASE WHEN ended IS NULL THEN 'running' WHEN went > 0 THEN 'up' WHEN went < 0 THEN 'down' ELSE 'other' END AS ending,
    count(*), sum(kept)::bigint, count(*) FILTER (WHERE went < 0 AND went_at_end)
FROM followed
WHERE began BETWEEN %(starts_on)s AND %(ends_on)s
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
