extension Schema {
    /// Who uses the server, what lets them in, and what they share.
    ///
    /// Other tables hold user ids without a row here, such as the local user's.
    static let accounts = """
        CREATE TABLE users (
            id text COLLATE "C" PRIMARY KEY,
            kind text NOT NULL,
            name text NOT NULL,
            email text,
            avatar_url text,
            created_at bigint NOT NULL
        );
        CREATE INDEX guests_by_time ON users(created_at) WHERE kind = 'guest';

        CREATE TABLE identities (
            issuer text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            user_id text COLLATE "C" NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            PRIMARY KEY (issuer, subject)
        );
        CREATE INDEX identities_by_user ON identities(user_id);

        CREATE TABLE sessions (
            id text COLLATE "C" PRIMARY KEY,
            token_hash text COLLATE "C" NOT NULL UNIQUE,
            user_id text COLLATE "C" NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            created_at bigint NOT NULL,
            last_seen_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            ends_at bigint NOT NULL,
            authenticated_at bigint
        );
        CREATE INDEX sessions_by_user ON sessions(user_id, id);
        CREATE INDEX sessions_by_expiry ON sessions(least(expires_at, ends_at));

        CREATE TABLE api_tokens (
            id text COLLATE "C" PRIMARY KEY,
            token_hash text COLLATE "C" NOT NULL UNIQUE,
            user_id text COLLATE "C" NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            name text NOT NULL,
            scopes text NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint,
            last_used_at bigint
        );
        CREATE INDEX api_tokens_by_user ON api_tokens(user_id, id);

        CREATE TABLE sign_in_attempts (
            state_hash text COLLATE "C" PRIMARY KEY,
            browser_hash text NOT NULL,
            provider text NOT NULL,
            verifier text NOT NULL,
            nonce text NOT NULL,
            return_path text NOT NULL,
            expires_at bigint NOT NULL
        );

        CREATE TABLE device_logins (
            device_hash text COLLATE "C" PRIMARY KEY,
            user_code_hash text COLLATE "C" NOT NULL UNIQUE,
            client_name text NOT NULL,
            scopes text NOT NULL,
            user_id text COLLATE "C" REFERENCES users(id) ON DELETE CASCADE,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX device_logins_by_user ON device_logins(user_id) WHERE user_id IS NOT NULL;

        CREATE TABLE audit (
            id text COLLATE "C" PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            action text NOT NULL,
            detail text,
            address text,
            created_at bigint NOT NULL
        );
        CREATE INDEX audit_by_user ON audit(user_id, id);

        CREATE TABLE shares (
            conversation_id text COLLATE "C" PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,
            token_hash text COLLATE "C" NOT NULL UNIQUE,
            user_id text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            snapshot text NOT NULL
        );
        CREATE INDEX attachments_by_user ON attachments(user_id, id);

        -- Finds the user of an identity, or adds them. Two at once make one user.
        CREATE FUNCTION ss_sign_in(p_issuer text, p_subject text, u text[]) RETURNS text LANGUAGE plpgsql AS $$
        DECLARE
            v_id text;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended(p_issuer || ' ' || p_subject, 1));
            SELECT user_id INTO v_id FROM identities WHERE issuer = p_issuer AND subject = p_subject;
            IF FOUND THEN
                UPDATE users SET kind = u[2], name = u[3], email = u[4], avatar_url = u[5] WHERE id = v_id;
                RETURN v_id;
            END IF;
            INSERT INTO users (id, kind, name, email, avatar_url, created_at)
                VALUES (u[1], u[2], u[3], u[4], u[5], u[6]::bigint);
            INSERT INTO identities (issuer, subject, user_id) VALUES (p_issuer, p_subject, u[1]);
            RETURN u[1];
        END $$;

        """
}
