-- purpose: book the end of lots as points.rules.ledger.expire does: one entry per member, wallet and date
-- parameters: date, above, upto (member ids); dates, ends, policies (of each date: its last instant, policy in force)
-- locks: points_balance rows, locked by lock_ending two statements before; their points_lot rows
-- plan: points_lot_expiring within the range; hashed by member; points_balance by its key
WITH days AS MATERIALIZED (
    SELECT day.*
    FROM unnest(%(dates)s::date[], %(ends)s::timestamptz[], %(policies)s::bigint[]) AS day (date, ends_at, policy_id)
), gone AS (
    DELETE FROM points_lot
    WHERE expires_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
    RETURNING member_id, wallet, active_on, expires_on, points, pending
), ended AS (
    SELECT
        member_id, wallet, expires_on,
        sum(points)::bigint AS points,
        coalesce(sum(points) FILTER (WHERE pending), 0)::bigint AS pending,
        array_agg(active_on ORDER BY active_on) AS lot_active_on,
        array_agg(points ORDER BY active_on) AS lot_points
    FROM gone
    GROUP BY member_id, wallet, expires_on
), numbered AS (
    SELECT
        ended.*,
        (balance.seq + row_number() OVER earlier)::int AS seq,
        (available + balance.pending - debt - sum(ended.points) OVER earlier)::bigint AS balance_after
    FROM ended
    JOIN points_balance balance USING (member_id, wallet)
    WINDOW earlier AS (PARTITION BY member_id, wallet ORDER BY expires_on ROWS UNBOUNDED PRECEDING)
), booked AS (
    INSERT INTO points_entry (
        member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, counts_on,
        lot_active_on, lot_expires_on, lot_points, policy_id, explanation, actor
    )
    SELECT
        member_id, wallet, seq, 'expiry', -points, 0, balance_after,
        'expiry:' || to_char(expires_on, 'YYYY-MM-DD') || ':' || seq,
        days.ends_at, expires_on, expires_on,
        lot_active_on, array_fill(expires_on, ARRAY[cardinality(lot_points)]), lot_points,
        days.policy_id,
        jsonb_build_array(jsonb_build_object('code', 'expired', 'on', expires_on)),
        'night'
    FROM numbered
    LEFT JOIN days ON days.date = expires_on
), sums AS (
    SELECT member_id, wallet, sum(points - pending)::bigint AS available, sum(pending)::bigint AS pending, max(seq) AS seq
    FROM numbered
    GROUP BY member_id, wallet
), lowered AS (
    UPDATE points_balance balance
    SET available = balance.available - sums.available, pending = balance.pending - sums.pending, seq = sums.seq
    FROM sums
    WHERE balance.member_id = sums.member_id AND balance.wallet = sums.wallet
)
SELECT
    count(*) AS entries,
    coalesce(sum(points), 0)::bigint AS points,
    coalesce(sum(cardinality(lot_points)), 0)::bigint AS lots
FROM numbered
