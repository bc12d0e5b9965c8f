"""Who someone is: handle, e-mail, password, birth date, role; sessions, single-use links, invitations, event stream.

It knows no profile and nothing that a person makes; those slices stand above and import ``accounts.web``.
"""
