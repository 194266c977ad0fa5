-- purpose: wallets whose entries, lots and balance do not agree
-- parameters: none
-- locks: none; one statement sees one moment, so deeds that happen meanwhile do not disturb it
-- plan: points_entry read twice, points_lot and points_balance once, each hashed by wallet
--
-- The running balance is proved without sorting: what each entry leaves behind must be, entry by entry, what the next
-- one found. Both sides are summed as hashes of number and amount, so that all but first and last cancel out.
-- An expiry takes lots of its own date, and those of 9999-12-30 (kit.dates.WHILE_ACTIVE) that ended with idle_until.
-- The lots are proved without regrouping: points times a hash of the lot's dates, summed over entries and over lots.
WITH booked AS (
    SELECT
        member_id, wallet, count(*) AS entries, max(seq) AS last, sum(points) AS points, sum(debt_change) AS debt,
        sum(hashint8extended(balance_after, seq)) - sum(hashint8extended(balance_after - points, seq - 1)) AS chain,
        sum((points + debt_change) * (hashint8extended((active_on - '1970-01-01') * 4000000::bigint
            + (expires_on - '1970-01-01'), 7) & 16777215)) AS lots_mixed,
        count(*) FILTER (WHERE lot_points IS NULL AND (active_on IS NULL OR points + debt_change < 0)) AS broken_entries
    FROM points_entry
    GROUP BY member_id, wallet
), listed AS (
    SELECT
        member_id, wallet, sum(sign(points)::bigint * lots_mixed) AS lots_mixed,
        count(*) FILTER (
            WHERE points + debt_change <> sign(points)::bigint * moved
                OR cardinality(lot_points) <> cardinality(lot_active_on)
                OR cardinality(lot_points) <> cardinality(lot_expires_on)
                OR kind = 'expiry' AND NOT lot_expires_on <@ ARRAY[business_date, '9999-12-30']
        ) AS broken_entries
    FROM points_entry
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(lot.points), 0)::bigint AS moved,
            coalesce(sum(lot.points * (hashint8extended((lot.active_on - '1970-01-01') * 4000000::bigint
                + (lot.expires_on - '1970-01-01'), 7) & 16777215)), 0)::bigint AS lots_mixed
        FROM unnest(lot_active_on, lot_expires_on, lot_points) lot (active_on, expires_on, points)
    ) lots
    WHERE lot_points IS NOT NULL
    GROUP BY member_id, wallet
), held AS (
    SELECT
        member_id, wallet, sum(points) AS points,
        coalesce(sum(points) FILTER (WHERE pending), 0) AS pending,
        bool_or(expires_on = '9999-12-30') AS waits,
        sum(points * (hashint8extended((active_on - '1970-01-01') * 4000000::bigint
            + (expires_on - '1970-01-01'), 7) & 16777215)) AS lots_mixed
    FROM points_lot
    GROUP BY member_id, wallet
), proved AS (
    SELECT
        member_id, wallet,
        coalesce(available, 0) AS available, coalesce(balance.pending, 0) AS pending, coalesce(balance.debt, 0) AS debt,
        coalesce(seq, 0) AS seq, coalesce(entries, 0) AS entries, coalesce(last, 0) AS last,
        coalesce(booked.points, 0) AS points, coalesce(booked.debt, 0) AS debt_booked,
        coalesce(chain, 0) AS chain, coalesce(waits AND idle_until IS NULL, false) AS waits_for_ever,
        coalesce(booked.broken_entries, 0) + coalesce(listed.broken_entries, 0) AS broken_entries,
        coalesce(booked.lots_mixed, 0) + coalesce(listed.lots_mixed, 0) AS lots_booked, coalesce(held.lots_mixed, 0) AS lots_held,
        coalesce(held.points, 0) AS held, coalesce(held.pending, 0) AS held_pending
    FROM points_balance balance
    FULL JOIN booked USING (member_id, wallet)
    LEFT JOIN listed USING (member_id, wallet)
    FULL JOIN held USING (member_id, wallet)
)
SELECT member.number, wallet, claim, proved.*
FROM proved
CROSS JOIN LATERAL (VALUES
    ('sum', points <> available + pending - debt),
    ('numbers', entries <> seq OR last <> seq),
    ('running', entries = last
        AND chain <> hashint8extended(points::bigint, last)::numeric - hashint8extended(0, 0)),
    ('debt', debt_booked <> debt),
    ('lots', held <> available + pending OR held_pending <> pending),
    ('lot_by_lot', lots_booked <> lots_held),
    ('entries', broken_entries > 0),
    ('idle', waits_for_ever)
) claims (claim, is_broken)
JOIN members_member member ON member.id = proved.member_id
WHERE is_broken
ORDER BY member_id, wallet, claim
