"""Tests of how words leave the house."""
