-- purpose: the earliest business date of all that was booked or decided since an instant; nothing where nothing was
-- parameters: since
-- locks: none
-- plan: points_entry_by_recorded and tiers_decision_by_recorded
--
-- The sum keeps the planner from looking for the least date along an index of dates.
SELECT least(
    (SELECT min(business_date + 0) FROM points_entry WHERE recorded_at >= %(since)s),
    (SELECT min(business_date + 0) FROM tiers_decision WHERE recorded_at >= %(since)s)
)
