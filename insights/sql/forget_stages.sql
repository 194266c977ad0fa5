-- purpose: forget the stage of whoever is no active member any more: blocked, erased, merged
-- parameters: above, upto (ids, the first excluded)
-- locks: the rows it deletes
-- plan: insights_lifecycle by its key over the range, members_member by its key
DELETE FROM insights_lifecycle
USING members_member member
WHERE insights_lifecycle.member_id > %(above)s AND insights_lifecycle.member_id <= %(upto)s
    AND member.id = insights_lifecycle.member_id AND member.status <> 'active'
