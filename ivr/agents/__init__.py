"""What agents and supervisors do: on and off duty, codes, sending to a flow, listening."""
