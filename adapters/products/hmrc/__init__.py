"""HMRC's API platform: VAT (MTD) 1.0 behind OAuth 2.0 client credentials."""
