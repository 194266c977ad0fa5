-- purpose: the published policies in the order they came into force: (date, id, terms as text,
--   number, note as text)
-- parameters: none
-- locks: none
-- plan: the versions read whole: they are few
SELECT effective_on, id, terms::text, number, coalesce(note, '{}')::text
FROM points_policyversion
WHERE published_at IS NOT NULL
ORDER BY effective_on, number
