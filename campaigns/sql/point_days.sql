-- purpose: all point days that were ever started, by campaign: (id, from when, until when, the plan as text)
-- parameters: kind (that of point days)
-- locks: none
-- plan: the campaigns read whole: they are few
SELECT id, starts_at, ends_at, plan::text
FROM campaigns_campaign
WHERE kind = %(kind)s AND starts_at IS NOT NULL AND ends_at IS NOT NULL
ORDER BY id
