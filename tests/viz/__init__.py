"""Pictures, the recorded backward pass, and the stepper without a browser."""
