-- purpose: take the year out of the birthday with which erased members' deeds were booked; day and month are asked again
--   when something of a deed comes back
-- parameters: members
-- locks: the rows it changes
-- plan: points_earning by its key, the member first; 1904 is a leap year
UPDATE points_earning
SET facts = jsonb_set(facts, '{birthday}', to_jsonb('1904' || substr(facts ->> 'birthday', 5)))
WHERE member_id = ANY (%(members)s::bigint[]) AND facts ->> 'birthday' IS NOT NULL
