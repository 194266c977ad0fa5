-- purpose: what a member saved, year by year: by coupon, by benefit, by kind where neither is named, and on what basis
-- parameters: member
-- locks: none
-- plan: the uses of one member by the primary key, the latest published terms of each coupon by benefits_couponterms_once
SELECT
    used.year, used.kind, used.benefit, coalesce(definition.code, ''), coalesce(terms.names, '{}'), used.saved_by,
    used.uses, used.saved
FROM (
    SELECT
        extract(year FROM used_on)::int AS year,
        kind,
        -- A coupon is the same whoever gave it.
        CASE WHEN definition_id IS NULL THEN benefit ELSE '' END AS benefit,
        definition_id,
        saved_by,
        sum(uses)::bigint AS uses,
        sum(saved) AS saved
    FROM benefits_benefituse
    WHERE member_id = %(member)s
    GROUP BY 1, 2, 3, 4, 5
) used
LEFT JOIN benefits_coupondefinition definition ON definition.id = used.definition_id
LEFT JOIN LATERAL (
    SELECT names FROM benefits_couponterms terms
    WHERE terms.definition_id = used.definition_id AND terms.published_at IS NOT NULL
    ORDER BY number DESC LIMIT 1
) terms ON true
ORDER BY used.year DESC, used.saved DESC, used.kind, used.benefit, definition.code, used.saved_by
