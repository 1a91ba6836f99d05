"""
Probe of a running deployment from outside: `orthgen verify`.

`discovery` finds the deployment's services and checks the tokens, `checks` lists the requests, `client` sends requests
to the one given host, `verdict` evaluates an answer, `run` makes one check after the other.
"""
