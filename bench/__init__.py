"""What `make bench` measures: each bench beside the limit that the same server reaches with bare statements."""
