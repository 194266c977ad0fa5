-- purpose: through which date lots without a date of their own could be used, as it was known at an instant
-- parameters: member_id, wallet, at
-- locks: none
-- plan: the member's entries by the primary key; what lapsed before the instant has left the lots anyway
SELECT max((step ->> 'until')::date)
FROM points_entry, jsonb_array_elements(explanation) step
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND at <= %(at)s AND step ->> 'code' = 'kept'
