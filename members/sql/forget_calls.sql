-- purpose: empty the answers of idempotent calls that quote erased members; that they were made stays
-- parameters: patterns (words of the persons, for LIKE)
-- locks: the rows it changes
-- plan: kit_idempotentcall read once: the calls of thirty days
UPDATE kit_idempotentcall
SET answer = '{"erased": true}', status = 410, key = 'erased:' || id
WHERE lower(answer::text) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p)
    OR lower(key) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p)
