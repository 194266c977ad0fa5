-- purpose: wallets with entries of one business date whose entries, lots and balance do not agree
-- parameters: date
-- locks: none; one statement sees one moment
-- plan: points_entry_by_date for the day's entries; then by key the entry before each, and of each wallet the lots,
--   the balance and the last entry
WITH entries AS (
    SELECT
        entry.member_id, entry.wallet, entry.seq,
        coalesce(earlier.balance_after, 0) AS before, entry.balance_after - entry.points AS found,
        entry.seq > 1 AND earlier.seq IS NULL AS is_gap,
        CASE WHEN entry.lot_points IS NULL
            THEN entry.active_on IS NULL OR entry.points + entry.debt_change < 0
            ELSE entry.points + entry.debt_change
                <> sign(entry.points)::bigint * (SELECT coalesce(sum(moved), 0) FROM unnest(entry.lot_points) moved)
        END AS is_broken
    FROM points_entry entry
    LEFT JOIN points_entry earlier
        ON earlier.member_id = entry.member_id AND earlier.wallet = entry.wallet AND earlier.seq = entry.seq - 1
    WHERE entry.business_date = %(date)s
), wallets AS (
    SELECT
        member_id, wallet, bool_or(is_gap) AS has_gap, bool_or(before <> found) AS breaks, bool_or(is_broken) AS is_broken
    FROM entries
    GROUP BY member_id, wallet
), proved AS (
    SELECT
        wallets.*, coalesce(available, 0) AS available, coalesce(balance.pending, 0) AS pending, coalesce(debt, 0) AS debt,
        coalesce(balance.seq, 0) AS seq, last.balance_after, held.points AS held, held.pending AS held_pending,
        EXISTS (
            SELECT FROM points_entry beyond
            WHERE beyond.member_id = wallets.member_id AND beyond.wallet = wallets.wallet
                AND beyond.seq = coalesce(balance.seq, 0) + 1
        ) AS goes_on
    FROM wallets
    LEFT JOIN points_balance balance USING (member_id, wallet)
    LEFT JOIN points_entry last
        ON last.member_id = wallets.member_id AND last.wallet = wallets.wallet AND last.seq = balance.seq
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(lot.points), 0) AS points, coalesce(sum(lot.points) FILTER (WHERE lot.pending), 0) AS pending
        FROM points_lot lot
        WHERE lot.member_id = wallets.member_id AND lot.wallet = wallets.wallet
    ) held
)
SELECT member.number, wallet, claim
FROM proved
CROSS JOIN LATERAL (VALUES
    ('sum', balance_after IS DISTINCT FROM available + proved.pending - debt),
    ('numbers', has_gap OR goes_on),
    ('running', breaks AND NOT has_gap),
    ('lots', held <> available + proved.pending OR held_pending <> proved.pending),
    ('entries', is_broken)
) claims (claim, is_broken)
JOIN members_member member ON member.id = proved.member_id
WHERE claims.is_broken
ORDER BY member.id, wallet, claim
