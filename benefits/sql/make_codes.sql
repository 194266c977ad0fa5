-- purpose: makes the coupons of a chunk of a batch: a code each, for a member or for whoever brings it
-- parameters: codes, members (alike long; a member is NULL for anybody), batch, terms, definition, source_key,
--             issued_at, starts_at, ends_at, uses_max
-- locks: none of its own; the batch's row is locked by whoever makes the chunk
-- plan: the two lists unnested side by side and written; a code that is known already is left out and drawn anew
INSERT INTO benefits_coupon (
    code, member_id, batch_id, terms_id, definition_id, source_key, issued_at, starts_at, ends_at,
    uses_max, used, held, void_reason
)
SELECT
    code, member_id, %(batch)s, %(terms)s, %(definition)s, %(source_key)s, %(issued_at)s, %(starts_at)s,
    %(ends_at)s::timestamptz, %(uses_max)s::integer, 0, 0, ''
FROM unnest(%(codes)s::text[], %(members)s::bigint[]) AS wanted (code, member_id)
ON CONFLICT (code) DO NOTHING
RETURNING code
