-- purpose: how many members stood on which tier at the end of one business date and on which at the end of a later one;
--   the earlier null for those who joined in between; and whether the later one is higher (1), lower (-1) or neither (0)
-- parameters: ladder, was_on, is_on
-- locks: none; one statement sees one moment
-- plan: tiers_decision read once up to is_on, hashed by member; the tiers hashed
--
-- A tier is its code: a renewal under a new version of the ladder is no move, though it is another row. Higher and
-- lower are by the ranks in the version of the later tier; a tier that it no longer has keeps the rank it had.
WITH stood AS (
    SELECT
        member_id,
        (max(ARRAY[seq, to_tier_id]) FILTER (WHERE business_date <= %(was_on)s))[2] AS was_id,
        (max(ARRAY[seq, to_tier_id]))[2] AS is_id
    FROM tiers_decision
    WHERE ladder_id = %(ladder)s AND business_date <= %(is_on)s
    GROUP BY member_id
), moved AS (
    SELECT was_id, is_id, count(*) AS members FROM stood GROUP BY 1, 2
)
SELECT
    was.code, now.code,
    CASE WHEN was.code = now.code THEN 0 ELSE coalesce(sign(now.rank - coalesce(since.rank, was.rank)), 0) END::int AS direction,
    sum(members)::bigint
FROM moved
LEFT JOIN tiers_tier was ON was.id = was_id
JOIN tiers_tier now ON now.id = is_id
LEFT JOIN tiers_tier since ON since.version_id = now.version_id AND since.code = was.code
GROUP BY 1, 2, 3
ORDER BY 1 NULLS FIRST, 2, 3
