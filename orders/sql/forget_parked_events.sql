-- purpose: forget by whom parked events wait for an erased member: nobody will ever be found by it
-- parameters: patterns (words of the persons, for LIKE)
-- locks: the rows it changes
-- plan: orders_shopevent by orders_shopevent_parked: what waits is little
UPDATE orders_shopevent
SET member_reference = '{}'
WHERE member_id IS NULL
    AND lower(member_reference::text) LIKE ANY (SELECT lower(pattern) FROM unnest(%(patterns)s::text[]) pattern)
