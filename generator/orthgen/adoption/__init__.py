"""
Adoption of an observed deployment: a profile that says what its files say, and notes about what no profile can say.

`adopt` calls every part of `parts`, each of which is the inverse of what `products`, `realm` and `targets` write.
"""
