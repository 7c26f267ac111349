"""API Entreprise v4: attestations about companies."""
