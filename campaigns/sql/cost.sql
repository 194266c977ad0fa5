-- purpose: sums what a launch has cost: the points it gave, and what its coupons took off orders, returns taken off
-- parameters: runs; prefix, after (the launch's key with its colon, and the first key that does not begin with it); points_each (what
--   each member who was given to got)
-- locks: none
-- plan: the launch's recipients once; coupons by member and key, takings by coupon
SELECT count(*) FILTER (WHERE r.rewarded_at IS NOT NULL) * %(points_each)s,
       coalesce(sum(coupon.amount), 0), count(coupon.amount), count(*) FILTER (WHERE r.rewarded_at IS NOT NULL)
FROM campaigns_recipient r
JOIN campaigns_run run ON run.id = r.run_id
LEFT JOIN LATERAL (
    SELECT sum(t.amount - t.returned) AS amount
    FROM benefits_coupon c JOIN benefits_taking t ON t.coupon_id = c.id
    JOIN benefits_checkout k ON k.id = t.checkout_id AND k.state = 'confirmed'
    WHERE c.member_id = r.member_id
      AND c.source_key = 'campaign:' || run.campaign_id || ':' || replace(run.occasion, ':', '%%3A') || ':' || r.occasion
      AND NOT t.is_returned
    HAVING count(*) > 0
) AS coupon ON true
WHERE r.run_id = ANY(%(runs)s)
