-- purpose: seals whose head or marks do not follow from the entries they cover and the head before
-- parameters: above, upto (member ids); since (a date, excluded, or null: all seals); parts, part (of all members, one
--   in so many: those whose id leaves this rest)
-- locks: none; one statement sees one moment
-- plan: points_seal by points_seal_of_night where since is given, else by range; by primary key the seal before each
--   and the entries between the two
SELECT
    member.id, member.number, seal.sealed_on,
    coalesce(earlier.growth_seq, 0) AS growth_before, seal.growth_seq,
    coalesce(earlier.points_seq, 0) AS points_before, seal.points_seq,
    seal.marks
FROM points_seal seal
JOIN members_member member ON member.id = seal.member_id
LEFT JOIN LATERAL (
    SELECT points_seq, growth_seq, head
    FROM points_seal earlier
    WHERE earlier.member_id = seal.member_id AND earlier.sealed_on < seal.sealed_on
    ORDER BY sealed_on DESC
    LIMIT 1
) earlier ON true
CROSS JOIN LATERAL (
    SELECT
        coalesce(string_agg(digest, '' ORDER BY wallet COLLATE "C", seq), '') AS digests,
        coalesce(string_agg(substring(digest FOR 8), '' ORDER BY wallet COLLATE "C", seq), '') AS marks
    FROM (
        SELECT entry.wallet, entry.seq, sha256(convert_to(points_entry_text(entry), 'UTF8')) AS digest
        FROM points_entry entry
        WHERE entry.member_id = seal.member_id
            AND (entry.wallet = 'growth' AND entry.seq > coalesce(earlier.growth_seq, 0) AND entry.seq <= seal.growth_seq
                OR entry.wallet = 'points' AND entry.seq > coalesce(earlier.points_seq, 0)
                    AND entry.seq <= seal.points_seq)
        OFFSET 0  -- so that each digest is worked out once
    ) hashed
) found
WHERE seal.member_id > %(above)s AND seal.member_id <= %(upto)s
    AND (%(since)s::date IS NULL OR seal.sealed_on > %(since)s)
    AND seal.member_id %% %(parts)s = %(part)s
    AND (found.marks <> seal.marks
        OR sha256(coalesce(earlier.head, decode(repeat('00', 32), 'hex')) || found.digests) <> seal.head)
ORDER BY seal.member_id, seal.sealed_on
