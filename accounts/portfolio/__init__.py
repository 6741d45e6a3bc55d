"""What a person's accounts are worth: inputs read in a bounded number of statements, then pure functions."""
