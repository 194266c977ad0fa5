-- purpose: empty what providers told of erased members' messages; that they called stays
-- parameters: words (words of the persons, for LIKE)
-- locks: the rows it changes
-- plan: messaging_providercall read once; an erasure is rare
UPDATE messaging_providercall
SET happening = '{"erased": true}', done_at = coalesce(done_at, received_at)
WHERE lower(happening::text) LIKE ANY (SELECT lower(word) FROM unnest(%(words)s::text[]) word)
