-- purpose: place on the lowest tier of a ladder everybody who had joined by the end of a date and does not stand on it
-- parameters: ladder, tier (the lowest), date, at (its end), cause
-- locks: none but those of the rows it inserts; who is placed by an event at the same time is left to that
-- plan: members_member anti-joined to tiers_standing by its key, hashed
WITH placed AS (
    INSERT INTO tiers_standing (member_id, ladder_id, tier_id, rank, since_date, spend, orders, growth, seq, decided_at)
    SELECT member.id, %(ladder)s, %(tier)s, 0, %(date)s, 0, 0, 0, 1, %(at)s
    FROM members_member member
    WHERE member.joined_at <= %(at)s AND NOT EXISTS (
        SELECT FROM tiers_standing standing WHERE standing.member_id = member.id AND standing.ladder_id = %(ladder)s
    )
    ORDER BY member.id
    ON CONFLICT (member_id, ladder_id) DO NOTHING
    RETURNING member_id
)
INSERT INTO tiers_decision (
    member_id, ladder_id, seq, kind, at, business_date, to_tier_id, spend, orders, growth, reached_by,
    window_starts_date, cause, actor, since_date
)
SELECT member_id, %(ladder)s, 1, 'joined', %(at)s, %(date)s, %(tier)s, 0, 0, 0, '', %(date)s, %(cause)s, 'night', %(date)s
FROM placed
