"""ZMS citizen API (zmscitizenapi): appointments with public offices over REST and JSON."""
