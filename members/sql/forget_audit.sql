-- purpose: empty the words of the audit rows about erased members, and of those that quote them
-- parameters: patterns (words of the persons, for LIKE), subjects (member:<id>)
-- locks: the rows it changes; only a transaction that erases may
-- plan: kit_auditrow read once; an erasure is rare, and no index finds a word inside JSON
UPDATE kit_auditrow
SET
    was = CASE WHEN lower(was::text) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p) THEN '{"erased": true}' ELSE was END,
    becomes = CASE WHEN lower(becomes::text) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p) THEN '{"erased": true}' ELSE becomes END,
    reason = CASE WHEN reason = '' THEN '' ELSE 'erased' END,
    origin = CASE WHEN actor = 'member' THEN '' ELSE origin END
WHERE subject = ANY (%(subjects)s::text[])
    OR lower(concat_ws(' ', was::text, becomes::text, reason)) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p)
