-- purpose: what the ledger moved of a range of members in a period, but for expiry and for what its own orders, events
--     and yearly rewards earned and gave back: that is worked out anew
-- parameters: after, upto (ids of members, the first excluded), since (date), starts_at, until (instants)
-- locks: none
-- plan: the primary key of points_entry over the range, filtered
SELECT
    member_id, seq, kind, points, at, business_date, source_key, active_on, expires_on, debt_change, lot_active_on,
    lot_expires_on, lot_points,
    CASE
        WHEN kind <> 'accrual' THEN ''
        WHEN source_key = 'sign_up' THEN 'sign_up'
        WHEN explanation -> 0 ->> 'type' = 'referral' THEN 'referral'
        ELSE ''
    END
FROM points_entry
WHERE member_id > %(after)s AND member_id <= %(upto)s AND wallet = 'points' AND at >= %(starts_at)s AND at <= %(until)s
    AND kind <> 'expiry'
    AND NOT (
        kind IN ('accrual', 'reversal') AND (
            source_key LIKE 'order:%%' AND counts_on >= %(since)s
            OR source_key LIKE 'event:%%' AND coalesce(explanation -> 0 ->> 'type', '') <> 'referral'
            OR source_key LIKE 'birthday:%%' OR source_key LIKE 'anniversary:%%'
        )
    )
ORDER BY member_id, seq
