-- purpose: the heads that nights sealed, side by side, in the order and the portions in which a night's tree takes them
-- parameters: since, through (dates: of the root before, excluded, and of the last root; since may be null)
-- locks: none
-- plan: points_dayseal in order; of each night its seals by points_seal_of_night, numbered by member
SELECT
    night.sealed_on, branch,
    string_agg(head, '' ORDER BY member_id, heads.sealed_on) AS heads,
    count(head) AS members,
    coalesce(sum(length(marks) / 8), 0)::bigint AS entries
FROM (
    SELECT through AS sealed_on, coalesce(lag(through) OVER (ORDER BY through), %(since)s::date, '-infinity') AS since
    FROM (
        SELECT sealed_on AS through
        FROM points_dayseal
        WHERE sealed_on > coalesce(%(since)s::date, '-infinity') AND sealed_on <= %(through)s
        UNION
        SELECT %(through)s::date
    ) dates
) night
LEFT JOIN LATERAL (
    SELECT
        member_id, seal.sealed_on, head, marks,
        (row_number() OVER (ORDER BY member_id, seal.sealed_on) - 1) / 1024 AS branch
    FROM points_seal seal
    WHERE seal.sealed_on > night.since AND seal.sealed_on <= night.sealed_on
) heads ON true
GROUP BY night.sealed_on, branch
ORDER BY night.sealed_on, branch
