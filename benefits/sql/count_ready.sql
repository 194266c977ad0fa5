-- purpose: how many of some members have a coupon of a definition that they can use at an instant
-- parameters: definition (its code), members (ids), at
-- locks: none
-- plan: the coupons of the definition by benefits_coupon_issued, or of the members by benefits_coupon_of_member
SELECT count(DISTINCT coupon.member_id)
FROM benefits_coupon coupon
JOIN benefits_coupondefinition definition ON definition.id = coupon.definition_id
WHERE definition.code = %(definition)s AND coupon.member_id = ANY(%(members)s::bigint[])
    AND coupon.voided_at IS NULL AND coupon.starts_at <= %(at)s
    AND (coupon.ends_at IS NULL OR coupon.ends_at > %(at)s)
    AND (coupon.uses_max IS NULL OR coupon.uses_max > coupon.used + coupon.held)
