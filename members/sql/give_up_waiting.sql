-- purpose: memberships whose address was never verified are given up, their addresses forgotten; messages keep the row
-- parameters: before (timestamptz)
-- locks: the rows it changes, members before their identities
-- plan: members_member read once, for nothing but waiting ones; their identities and codes by key
WITH given_up AS (
    UPDATE members_member SET status = 'erased', name = ''
    WHERE status = 'pending' AND joined_at IS NULL AND created_at < %(before)s
      AND NOT EXISTS (
          SELECT FROM members_addresscode code JOIN members_identity known ON known.id = code.identity_id
          WHERE known.member_id = members_member.id)
    RETURNING id
), forgotten AS (
    DELETE FROM members_identity USING given_up WHERE member_id = given_up.id
)
SELECT count(*) FROM given_up
