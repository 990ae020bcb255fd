"""What others see of the hotline: metrics, gauges, health and traces."""
