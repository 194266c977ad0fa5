-- purpose: how many friends whom a member referred have been settled in a window
-- parameters: member_id, starts, date (the window, both inclusive)
-- locks: none
-- plan: the member's entries by their key
SELECT count(*) FROM points_entry
WHERE member_id = %(member_id)s AND wallet = 'points' AND kind = 'accrual'
    AND business_date >= %(starts)s AND business_date <= %(date)s
    AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend'
