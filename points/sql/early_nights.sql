-- purpose: expiries that the night booked for a date that was not over: no night has closed it, no later deed of the
--   member, and when it was written the date had not ended
-- parameters: zone (of the programme)
-- locks: none
-- plan: points_entry_by_date behind the last night that was run; later entries by primary key
SELECT member.number, entry.wallet, entry.seq, entry.business_date
FROM points_entry entry
JOIN members_member member ON member.id = entry.member_id
WHERE entry.actor = 'night' AND entry.kind = 'expiry'
    AND entry.business_date > (SELECT coalesce(max(business_date), '-infinity') FROM kit_jobrun)
    AND entry.business_date >= (entry.recorded_at AT TIME ZONE %(zone)s)::date
    AND NOT EXISTS (
        SELECT FROM points_entry later
        WHERE later.member_id = entry.member_id AND later.actor <> 'night'
            AND later.business_date > entry.business_date
    )
ORDER BY member.id, entry.wallet, entry.seq
