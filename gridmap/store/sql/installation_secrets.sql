-- Fingerprints of the installation's secrets, by which a web host knows that its own are those of this database. They
-- disclose no secret: each is a slow hash of 256 random bits.
CREATE OR REPLACE FUNCTION installation_secrets() RETURNS TABLE (name varchar, salt bytea, fingerprint bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT s.name, s.salt, s.fingerprint FROM installation_secret s $$;
