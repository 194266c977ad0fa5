-- purpose: batches that have other coupons than they say were made
-- parameters: none
-- locks: none; one statement sees one moment
-- plan: benefits_coupon_of_batch read once and counted by batch
SELECT batch.id, definition.code, batch.made, coalesce(counted.made, 0)
FROM benefits_couponbatch batch
JOIN benefits_couponterms terms ON terms.id = batch.terms_id
JOIN benefits_coupondefinition definition ON definition.id = terms.definition_id
LEFT JOIN (
    SELECT batch_id, count(*) AS made FROM benefits_coupon WHERE batch_id IS NOT NULL GROUP BY batch_id
) counted ON counted.batch_id = batch.id
WHERE batch.made <> coalesce(counted.made, 0)
ORDER BY batch.id
