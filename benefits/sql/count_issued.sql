-- purpose: how many coupons of each of some definitions were issued, and how many lapsed without being used
-- parameters: definitions, at
-- locks: none
-- plan: the coupons of these definitions read once, by benefits_coupon_issued where they are few
SELECT definition_id, count(*), count(*) FILTER (WHERE ends_at <= %(at)s AND used = 0 AND voided_at IS NULL)
FROM benefits_coupon
WHERE definition_id = ANY(%(definitions)s)
GROUP BY definition_id
