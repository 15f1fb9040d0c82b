"""Calibration: measurements of what a server does where its document leaves it open. Each makes items of its own."""
