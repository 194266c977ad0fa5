-- purpose: delete what django-axes keeps of log-ins by erased members' addresses
-- parameters: names (their addresses)
-- locks: the rows it deletes
-- plan: by the index on the username
DELETE FROM axes_accesslog WHERE username = ANY (%(names)s::text[])
