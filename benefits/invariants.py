"""What must always hold of benefits, and the database cannot claim by itself: a sentence per violation."""
