-- purpose: seal all entries that members have beyond their last seal, as points.rules.sealing.head_after does for one
-- parameters: date (of the seal), above, upto (member ids)
-- locks: none; a wallet's entries are committed in the order of their numbers, so one snapshot sees no gap, and what is
--   booked meanwhile is sealed by the next night
-- plan: points_balance by range; the last seal of each member and his entries since by primary key; hashed by member
--
-- The chain follows the numbers of entries, not their dates, so late deeds are sealed with the night that finds them.
-- Who was sealed on the date already is left to the next one; a wallet with a gap is left to the proof, which tells.
WITH due AS (
    SELECT
        balance.member_id, balance.points_seq, balance.growth_seq,
        coalesce(last.points_seq, 0) AS points_before, coalesce(last.growth_seq, 0) AS growth_before,
        coalesce(last.head, decode(repeat('00', 32), 'hex')) AS head_before
    FROM (
        SELECT
            member_id,
            coalesce(max(seq) FILTER (WHERE wallet = 'points'), 0) AS points_seq,
            coalesce(max(seq) FILTER (WHERE wallet = 'growth'), 0) AS growth_seq
        FROM points_balance
        WHERE member_id > %(above)s AND member_id <= %(upto)s
        GROUP BY member_id
    ) balance
    LEFT JOIN LATERAL (
        SELECT sealed_on, points_seq, growth_seq, head
        FROM points_seal seal
        WHERE seal.member_id = balance.member_id
        ORDER BY sealed_on DESC
        LIMIT 1
    ) last ON true
    WHERE coalesce(last.sealed_on < %(date)s, true)
        AND (balance.points_seq > coalesce(last.points_seq, 0) OR balance.growth_seq > coalesce(last.growth_seq, 0))
), hashed AS (
    SELECT due.member_id, entry.wallet, entry.seq, sha256(convert_to(points_entry_text(entry), 'UTF8')) AS digest
    FROM due
    JOIN points_entry entry
        ON entry.member_id = due.member_id
            AND (entry.wallet = 'growth' AND entry.seq > due.growth_before AND entry.seq <= due.growth_seq
                OR entry.wallet = 'points' AND entry.seq > due.points_before AND entry.seq <= due.points_seq)
    OFFSET 0  -- so that each digest is worked out once
), chained AS (
    SELECT
        member_id, count(*) AS entries,
        string_agg(digest, '' ORDER BY wallet COLLATE "C", seq) AS digests,
        string_agg(substring(digest FOR 8), '' ORDER BY wallet COLLATE "C", seq) AS marks
    FROM hashed
    GROUP BY member_id
), sealed AS (
    INSERT INTO points_seal (member_id, sealed_on, points_seq, growth_seq, head, marks)
    SELECT member_id, %(date)s, points_seq, growth_seq, sha256(head_before || digests), marks
    FROM due
    JOIN chained USING (member_id)
    WHERE entries = points_seq - points_before + growth_seq - growth_before
    RETURNING length(marks) / 8 AS entries
)
SELECT count(*), coalesce(sum(entries), 0)::bigint
FROM sealed
