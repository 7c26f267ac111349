"""What stands between one department and the calls to it, each stage for itself: see `guard` for their order."""
