"""The page for approvers (`orthgen access --html`): rights with reasons, roles, links, connections, changes, signatures."""
