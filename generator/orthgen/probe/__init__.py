"""
What a running deployment lets through, seen from outside: `orthgen verify`.

`survey` finds out what there is to ask about, `checks` are the questions, `judge` says what an answer means, `client`
sends requests to the one address that was given, `run` does one after the other.
"""
