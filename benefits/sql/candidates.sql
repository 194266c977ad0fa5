-- purpose: coupons as they stand for a member, soonest end first; a row is what benefits.queries.wallet._candidate reads
-- parameters: member (who would use them), owner (whose own are wanted; null: nobody's), at (of those of the owner only
--   what is not over by then; null: all), codes (those of these codes too), coupon (the one of this id too, or null),
--   earlier (what was used by those who were merged into this member too, or null)
-- locks: none
-- plan: coupons by benefits_coupon_of_member, by benefits_coupon_code_once and by their key, then a row each of terms,
--   definition and counts by their keys
SELECT
    coupon.id,
    coupon.code,
    coupon.member_id,
    coupon.issued_at,
    coupon.starts_at,
    coupon.ends_at,
    coupon.uses_max,
    coupon.used,
    coupon.held,
    coupon.used_at,
    coupon.voided_at,
    coupon.void_reason,
    coupon.definition_id,
    definition.code AS definition,
    terms.names::text,
    terms.terms::text,
    coalesce(own.used + own.held, 0) AS uses_of_member,
    every.uses_max - every.used - every.held AS total_left,
    every.budget - every.spent - every.spent_held AS budget_left
FROM benefits_coupon coupon
JOIN benefits_couponterms terms ON terms.id = coupon.terms_id
JOIN benefits_coupondefinition definition ON definition.id = coupon.definition_id
JOIN benefits_couponcount every ON every.definition_id = coupon.definition_id
LEFT JOIN benefits_membercount own ON own.member_id = %(member)s AND own.definition_id = coupon.definition_id
WHERE coupon.id IN (
    SELECT id
    FROM benefits_coupon
    WHERE member_id = %(owner)s AND (
        %(at)s::timestamptz IS NULL
        OR voided_at IS NULL AND (ends_at IS NULL OR ends_at > %(at)s) AND (uses_max IS NULL OR uses_max > used)
    )
    UNION ALL
    SELECT id FROM benefits_coupon WHERE code = ANY(%(codes)s::text[])
    UNION ALL
    SELECT id FROM benefits_coupon WHERE id = %(coupon)s
    UNION ALL
    SELECT used.id
    FROM members_member merged JOIN benefits_coupon used ON used.member_id = merged.id AND used.used > 0
    WHERE merged.merged_into_id = %(earlier)s
)
ORDER BY coupon.ends_at NULLS LAST, coupon.id
