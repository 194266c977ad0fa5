-- purpose: a member's seals, each with the root it is under, its place among that root's heads, and the heads around it
-- parameters: member_id; growth_seq, points_seq (the last entries of each wallet that are asked for)
-- locks: none
-- plan: points_seal by primary key; of each the root by primary key; the heads of its night counted and a portion of
--   1,024 read by points_seal_of_night alone
SELECT
    seal.sealed_on, seal.points_seq, seal.growth_seq, seal.head,
    night.sealed_on, night.members, night.entries, night.root, night.branches, night.before,
    ahead.place, portion.heads
FROM points_seal seal
LEFT JOIN LATERAL (
    SELECT day.*, earlier.root AS before, coalesce(earlier.sealed_on, '-infinity') AS since
    FROM points_dayseal day
    LEFT JOIN LATERAL (
        SELECT sealed_on, root
        FROM points_dayseal
        WHERE sealed_on < day.sealed_on
        ORDER BY sealed_on DESC
        LIMIT 1
    ) earlier ON true
    WHERE day.sealed_on >= seal.sealed_on
    ORDER BY day.sealed_on
    LIMIT 1
) night ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS place
    FROM points_seal other
    WHERE other.sealed_on > night.since AND other.sealed_on <= night.sealed_on
        AND (other.member_id, other.sealed_on) < (seal.member_id, seal.sealed_on)
) ahead ON true
LEFT JOIN LATERAL (
    SELECT string_agg(head, '' ORDER BY member_id, sealed_on) AS heads
    FROM (
        SELECT member_id, sealed_on, head
        FROM points_seal other
        WHERE other.sealed_on > night.since AND other.sealed_on <= night.sealed_on
        ORDER BY member_id, sealed_on
        OFFSET ahead.place / 1024 * 1024
        LIMIT 1024
    ) around
) portion ON true
WHERE seal.member_id = %(member_id)s AND seal.growth_seq <= %(growth_seq)s AND seal.points_seq <= %(points_seq)s
ORDER BY seal.sealed_on
