-- purpose: what a member used last in a year and what it saved, or what came back, with the name of its coupon or reward
-- parameters: member, starts_on, ends_on (both inclusive), most
-- locks: none
-- plan: the uses of one member by benefits_benefituse_of_member, then coupons' terms and redemptions by their keys
--
-- What points were redeemed for is found by the cause: redemption:<id>, and :undone behind it where it was taken back.
SELECT
    used.used_on, used.kind, used.benefit, coalesce(definition.code, ''), coalesce(terms.names, reward.names, '{}'),
    used.saved_by, used.uses, used.saved, used.order_key
FROM (
    SELECT * FROM benefits_benefituse
    WHERE member_id = %(member)s AND used_on BETWEEN %(starts_on)s AND %(ends_on)s
    ORDER BY used_on DESC, at DESC, cause LIMIT %(most)s
) used
LEFT JOIN benefits_coupondefinition definition ON definition.id = used.definition_id
LEFT JOIN LATERAL (
    SELECT names FROM benefits_couponterms terms
    WHERE terms.definition_id = used.definition_id AND terms.published_at IS NOT NULL
    ORDER BY number DESC LIMIT 1
) terms ON true
LEFT JOIN benefits_redemption redemption ON redemption.id = CASE
    WHEN used.cause LIKE 'redemption:%%' THEN split_part(used.cause, ':', 2)::uuid
END
LEFT JOIN benefits_reward reward ON reward.id = redemption.reward_id
ORDER BY used.used_on DESC, used.at DESC, used.cause
