-- purpose: book one reward for many members as points.rules.ledger.credit does, to whoever has none under its key yet
-- parameters: members (ids), key, points, active_on (its date), expires_on, explanation (JSON), at, policy (id)
-- locks: points_balance rows, locked by lock_rewards in the statement before; the points_lot rows that it adds to
-- plan: points_balance, points_entry_source_key_once and points_lot by their keys
WITH due AS (
    SELECT member_id, available + pending - debt AS balance, debt, seq, least(debt, %(points)s)::bigint AS repaid
    FROM points_balance wallet
    WHERE member_id = ANY(%(members)s) AND wallet = 'points'
        AND NOT EXISTS (
            SELECT FROM points_entry known
            WHERE known.member_id = wallet.member_id AND known.wallet = 'points' AND known.source_key = %(key)s
                AND known.kind = 'accrual'
        )
), booked AS (
    INSERT INTO points_entry (
        member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, counts_on,
        active_on, expires_on, policy_id, explanation, actor
    )
    SELECT
        member_id, 'points', seq + 1, 'accrual', %(points)s, -repaid, balance + %(points)s, %(key)s, %(at)s,
        %(active_on)s, %(active_on)s, %(active_on)s, %(expires_on)s, %(policy)s,
        CASE WHEN repaid > 0
            THEN %(explanation)s::jsonb || jsonb_build_array(jsonb_build_object('code', 'debt_repaid', 'points', repaid))
            ELSE %(explanation)s::jsonb
        END,
        'night'
    FROM due
), put AS (
    INSERT INTO points_lot AS lot (member_id, wallet, active_on, expires_on, points, pending)
    SELECT member_id, 'points', %(active_on)s, %(expires_on)s, %(points)s - repaid, false
    FROM due
    WHERE %(points)s > repaid
    ON CONFLICT (member_id, wallet, active_on, expires_on) DO UPDATE SET points = lot.points + excluded.points
    RETURNING member_id, pending
), raised AS (
    UPDATE points_balance balance
    SET
        available = available + CASE WHEN put.pending THEN 0 ELSE %(points)s - repaid END,
        pending = balance.pending + CASE WHEN put.pending THEN %(points)s - repaid ELSE 0 END,
        debt = balance.debt - repaid,
        seq = balance.seq + 1
    FROM due
    LEFT JOIN put USING (member_id)
    WHERE balance.member_id = due.member_id AND balance.wallet = 'points'
)
SELECT count(*) FROM due
