"""The company's directory (LDAP, Active Directory): its people sign in with the password they have there."""

#: The name of its links among allauth's accounts elsewhere.
PROVIDER = "ldap"
