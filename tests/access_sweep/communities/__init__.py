"""Access between communities of one subdistrict: accounts with narrow scopes, by SQL, and leaks planted for them."""
