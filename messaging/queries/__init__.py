"""What others may ask of messaging."""
