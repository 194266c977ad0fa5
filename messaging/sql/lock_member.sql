-- purpose: makes senders who count what one member got take turns, so that a cap holds however many of them there are
-- parameters: member
-- locks: an advisory lock of the member until the transaction ends
-- plan: none
SELECT pg_advisory_xact_lock(hashtextextended('messaging:member', %(member)s::bigint))
