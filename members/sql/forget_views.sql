-- purpose: delete saved views of the staff that look for erased members
-- parameters: patterns (words of the persons, for LIKE)
-- locks: the rows it deletes
-- plan: kit_savedview read once: thirty rows a person of the staff at most
DELETE FROM kit_savedview
WHERE lower(concat_ws(' ', name, replace(query, '%%40', '@'))) LIKE ANY (SELECT lower(p) FROM unnest(%(patterns)s::text[]) p)
