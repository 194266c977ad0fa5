-- What launches have cost: the points they gave, and what their coupons took off orders, returns taken off.
--
-- runs: the launches; points_each: what each member who was given to got
-- Plan: the launches' recipients once; coupons by member and key, takings by coupon.
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
