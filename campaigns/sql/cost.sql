-- What a launch has cost: the points it gave, and what its coupons took off orders, returns taken off.
--
-- prefix, after: the launch's key with its colon, and the first key that does not begin with it
-- run; points_each: what each member who was given to got
-- Plan: the launch's recipients once; coupons by member and key, takings by coupon.
SELECT count(*) FILTER (WHERE r.rewarded_at IS NOT NULL) * %(points_each)s,
       coalesce(sum(coupon.amount), 0), count(coupon.amount), count(*) FILTER (WHERE r.rewarded_at IS NOT NULL)
FROM campaigns_recipient r
LEFT JOIN LATERAL (
    SELECT sum(t.amount - t.returned) AS amount
    FROM benefits_coupon c JOIN benefits_taking t ON t.coupon_id = c.id
    JOIN benefits_checkout k ON k.id = t.checkout_id AND k.state = 'confirmed'
    WHERE c.member_id = r.member_id AND c.source_key >= %(prefix)s AND c.source_key < %(after)s AND NOT t.is_returned
    HAVING count(*) > 0
) AS coupon ON true
WHERE r.run_id = %(run)s
