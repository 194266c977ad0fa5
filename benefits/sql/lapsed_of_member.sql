-- purpose: a member's checkouts whose time ran out by an instant and is not booked yet, soonest end first
-- parameters: member, at
-- locks: none
-- plan: benefits_checkout_lapsing, which holds no more than is held just now
SELECT id FROM benefits_checkout
WHERE member_id = %(member)s AND state = 'held' AND expires_at <= %(at)s
ORDER BY expires_at, id
