"""Names of the members with which users sign in, of their secrets, and of the paths for that."""

# Members by which users are known, at a login and in the items of users.
USER_NAMES = frozenset({"username", "email", "login", "loginname", "user", "userid", "handle", "phone", "clientid"})
TOKENS = frozenset(
    ("token", "accesstoken", "authtoken", "idtoken", "sessiontoken", "bearertoken", "jwt", "access", "refresh")
) | {"refreshtoken"}
SECRETS = frozenset(
    (
        "password",
        "passcode",
        "pin",
        "otp",
        "clientsecret",
        "granttype",
        "refreshtoken",
        "refresh",
        "assertion",
        "secret",
    )
)
PASSWORDS = frozenset({"password", "passcode", "plainpassword", "password1"})
NEW_PASSWORDS = frozenset({"newpassword", "passwordnew", "newpassword1"})
CURRENT_PASSWORDS = frozenset({"currentpassword", "oldpassword", "password", "passwordold", "passwordcurrent"})
REFRESH_TOKENS = frozenset({"refresh", "refreshtoken"})
TOKEN_LIFETIME = 3600  # seconds
EXPIRIES = ("expiry", "expires", "expiresat", "expireson", "expiration", "expirationdate", "validuntil")


# Words at the end of a path for logging in and out.
SIGNING_IN = frozenset({"login", "signin", "logon", "session", "sessions", "authenticate"})
SIGNING_OUT = frozenset({"logout", "signout", "logoff"})
# Words at the end of a path for the current user, and for making an item elsewhere than in its collection.
MYSELF = frozenset({"me", "self", "current", "whoami", "currentuser", "myself", "user", "userinfo", "profile"})
# Words before the `info` of the current user, as ASP.NET Identity has `/manage/info`.
ABOUT_MYSELF = frozenset({"manage", "account", "user", "identity", "auth", "profile"})
JOINING = frozenset({"signup", "register", "registration", "registrations", "join", "create", "new", "add", "upload"})
