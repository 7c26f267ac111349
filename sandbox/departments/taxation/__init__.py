"""Taxation Bureau: HMRC's API platform with VAT (MTD), and attestations as API Entreprise has them."""

from sandbox.departments.taxation.server import build

__all__ = ["build"]
