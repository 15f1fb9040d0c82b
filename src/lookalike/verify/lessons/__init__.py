"""The lessons of a calibration: each makes items of its own, asks, and notes what the answers decide."""
