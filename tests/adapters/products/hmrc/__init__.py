"""Tests of the VAT (MTD) product."""
