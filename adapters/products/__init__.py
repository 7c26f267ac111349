"""Back-office protocols, one package each, shared by departments."""
