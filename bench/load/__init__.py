"""Load on a real switch: SIPp callers, the sound they hear, and what a call costs."""
