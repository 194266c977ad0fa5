"""What others may ask of benefits."""
