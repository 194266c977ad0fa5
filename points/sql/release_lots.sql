-- purpose: book lots that have become active from pending to available, as points.rules.ledger.settle does
-- parameters: date, above, upto (member ids)
-- locks: points_balance rows, locked by lock_pending in the statement before; their points_lot rows
-- plan: points_lot_pending within the range; points_balance by its key
WITH released AS (
    UPDATE points_lot
    SET pending = false
    WHERE pending AND active_on <= %(date)s AND member_id > %(above)s AND member_id <= %(upto)s
    RETURNING member_id, wallet, points
), sums AS (
    SELECT member_id, wallet, sum(points)::bigint AS points, count(*) AS lots FROM released GROUP BY member_id, wallet
), booked AS (
    UPDATE points_balance balance
    SET available = available + sums.points, pending = pending - sums.points
    FROM sums
    WHERE balance.member_id = sums.member_id AND balance.wallet = sums.wallet
    RETURNING sums.lots, sums.points
)
SELECT coalesce(sum(lots), 0)::bigint, coalesce(sum(points), 0)::bigint, count(*) FROM booked
