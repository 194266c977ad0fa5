-- purpose: the published versions of the matrix in the order they came into force: (date, id)
-- parameters: none
-- locks: none
-- plan: the versions read whole: they are few
SELECT effective_on, id
FROM benefits_benefitversion
WHERE published_at IS NOT NULL
ORDER BY effective_on, number
