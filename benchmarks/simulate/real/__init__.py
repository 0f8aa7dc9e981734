"""Minutes of watching in real time: real runners, killed and competing, against the loopback origin."""
