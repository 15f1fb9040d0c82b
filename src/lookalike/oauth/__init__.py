"""Sign-in without a network: an authorization server (OAuth 2.0) and OpenID provider for the mock's own API."""
