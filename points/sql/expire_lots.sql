-- purpose: book the end of lots as points.rules.ledger.settle does: one entry per member, wallet and date
-- parameters: date, above, upto (member ids); dates, ends, policies (of each date: its last instant, policy in force);
--   while_active (the date of lots that end only when their owner does nothing through the wallet's idle_until)
-- locks: points_balance rows, locked by lock_ending two statements before; their points_lot rows
-- plan: points_lot_expiring and points_balance_idle within the range; idle wallets' lots by the primary key;
--   hashed by member; points_balance by its key
WITH days AS MATERIALIZED (
    SELECT day.*
    FROM unnest(%(dates)s::date[], %(ends)s::timestamptz[], %(policies)s::bigint[]) AS day (date, ends_at, policy_id)
), idle AS MATERIALIZED (
    SELECT member_id, wallet, idle_until, idle_months
    FROM points_balance
    WHERE idle_until <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
), gone AS (
    DELETE FROM points_lot
    WHERE expires_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
    RETURNING member_id, wallet, active_on, expires_on, points, pending
), gone_idle AS (
    DELETE FROM points_lot lot
    USING idle
    WHERE lot.member_id = idle.member_id AND lot.wallet = idle.wallet AND lot.expires_on = %(while_active)s
    RETURNING lot.member_id, lot.wallet, lot.active_on, lot.expires_on, lot.points, lot.pending, idle_until, idle_months
), ended AS (
    SELECT
        member_id, wallet, ends_on,
        sum(points)::bigint AS points,
        coalesce(sum(points) FILTER (WHERE pending), 0)::bigint AS pending,
        array_agg(active_on ORDER BY active_on, expires_on) AS lot_active_on,
        array_agg(expires_on ORDER BY active_on, expires_on) AS lot_expires_on,
        array_agg(points ORDER BY active_on, expires_on) AS lot_points,
        max(idle_months) AS idle_months
    FROM (
        SELECT member_id, wallet, active_on, expires_on, points, pending, expires_on AS ends_on, NULL AS idle_months FROM gone
        UNION ALL
        SELECT * FROM gone_idle
    ) lots
    GROUP BY member_id, wallet, ends_on
), numbered AS (
    SELECT
        ended.*,
        (balance.seq + row_number() OVER earlier)::int AS seq,
        (available + balance.pending - debt - sum(ended.points) OVER earlier)::bigint AS balance_after
    FROM ended
    JOIN points_balance balance USING (member_id, wallet)
    WINDOW earlier AS (PARTITION BY member_id, wallet ORDER BY ends_on ROWS UNBOUNDED PRECEDING)
), booked AS (
    INSERT INTO points_entry (
        member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, counts_on,
        lot_active_on, lot_expires_on, lot_points, policy_id, explanation, actor
    )
    SELECT
        member_id, wallet, seq, 'expiry', -points, 0, balance_after,
        'expiry:' || to_char(ends_on, 'YYYY-MM-DD') || ':' || seq,
        days.ends_at, ends_on, ends_on,
        lot_active_on, lot_expires_on, lot_points,
        days.policy_id,
        CASE WHEN idle_months IS NULL THEN jsonb_build_array(jsonb_build_object('code', 'expired', 'on', ends_on))
            ELSE jsonb_build_array(
                jsonb_build_object('code', 'expired', 'on', ends_on),
                jsonb_build_object('code', 'idle', 'months', idle_months)
            )
        END,
        'night'
    FROM numbered
    LEFT JOIN days ON days.date = ends_on
), sums AS (
    SELECT member_id, wallet, sum(points - pending)::bigint AS available, sum(pending)::bigint AS pending, max(seq) AS seq
    FROM numbered
    GROUP BY member_id, wallet
), lowered AS (
    UPDATE points_balance balance
    SET
        available = balance.available - sums.available, pending = balance.pending - sums.pending, seq = sums.seq,
        idle_until = CASE WHEN idle_until > %(date)s THEN idle_until END,
        idle_months = CASE WHEN idle_until <= %(date)s THEN 0 ELSE idle_months END
    FROM sums
    WHERE balance.member_id = sums.member_id AND balance.wallet = sums.wallet
), forgotten AS (
    UPDATE points_balance balance
    SET idle_until = NULL, idle_months = 0
    FROM idle
    LEFT JOIN sums USING (member_id, wallet)
    WHERE sums.member_id IS NULL AND balance.member_id = idle.member_id AND balance.wallet = idle.wallet
)
SELECT
    count(*) AS entries,
    coalesce(sum(points), 0)::bigint AS points,
    coalesce(sum(cardinality(lot_points)), 0)::bigint AS lots
FROM numbered
