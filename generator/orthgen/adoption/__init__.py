"""Taking over an observed deployment: a profile that says what its files say."""
