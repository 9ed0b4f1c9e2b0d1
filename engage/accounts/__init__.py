"""People who sign in: users, roles, invitations, sign-ins, and the guard of every signed-in page."""
