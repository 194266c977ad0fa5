-- purpose: empty the words of erased members' events; numbers and yes or no stay, for rules may have asked them
-- parameters: members
-- locks: the rows it changes
-- plan: orders_shopevent by orders_shopevent_of_member
UPDATE orders_shopevent
SET
    member_reference = '{}',
    attributes = '{}',
    properties = coalesce((
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(properties) WHERE jsonb_typeof(value) IN ('number', 'boolean')
    ), '{}')
WHERE member_id = ANY (%(members)s::bigint[])
