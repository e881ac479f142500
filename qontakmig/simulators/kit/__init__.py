"""What every practice org shares: the server, its faults, journal, clock and control plane."""
