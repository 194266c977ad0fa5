-- purpose: to how many members each benefit was given in a period, and how many of them have looked at it
-- parameters: since (instant), until (the first instant after)
-- locks: none
-- plan: benefits_entitlement read once, by benefits_entitlement_given where it is few of it
SELECT
    benefit, count(DISTINCT member_id), count(DISTINCT member_id) FILTER (WHERE seen_at IS NOT NULL)
FROM benefits_entitlement
WHERE granted_at >= %(since)s AND granted_at < %(until)s
GROUP BY benefit
ORDER BY benefit
