"""Controllers are killed under real calls, again and again; no call may notice."""
