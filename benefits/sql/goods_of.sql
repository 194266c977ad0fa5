-- purpose: what is so at an instant of some articles, as benefits.queries.goods.GoodsRow has it
-- parameters: skus, at
-- locks: none
-- plan: the rows of these articles by benefits_membergoods_of_sku
SELECT id, kind, sku, name, price, opens_at, starts_at, ends_at
FROM benefits_membergoods
WHERE sku = ANY(%(skus)s::text[]) AND starts_at <= %(at)s AND (ends_at IS NULL OR ends_at > %(at)s)
ORDER BY sku, kind, starts_at
