extension Schema {
    /// Who uses the server, what lets them in, and what they share.
    ///
    /// Older tables hold user ids without a row here, such as the local user's.
    static let accounts = """
        CREATE TABLE users (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            email TEXT,
            avatar_url TEXT,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX guests_by_time ON users(created_at) WHERE kind = 'guest';

        CREATE TABLE identities (
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            PRIMARY KEY (issuer, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX identities_by_user ON identities(user_id);

        CREATE TABLE sessions (
            id TEXT PRIMARY KEY NOT NULL,
            token_hash TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            authenticated_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_by_user ON sessions(user_id, id);
        CREATE INDEX sessions_by_expiry ON sessions(min(expires_at, ends_at));

        CREATE TABLE api_tokens (
            id TEXT PRIMARY KEY NOT NULL,
            token_hash TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            last_used_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX api_tokens_by_user ON api_tokens(user_id, id);

        CREATE TABLE sign_in_attempts (
            state_hash TEXT PRIMARY KEY NOT NULL,
            browser_hash TEXT NOT NULL,
            provider TEXT NOT NULL,
            verifier TEXT NOT NULL,
            nonce TEXT NOT NULL,
            return_path TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE device_logins (
            device_hash TEXT PRIMARY KEY NOT NULL,
            user_code_hash TEXT NOT NULL UNIQUE,
            client_name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            user_id TEXT REFERENCES users(id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX device_logins_by_user ON device_logins(user_id) WHERE user_id IS NOT NULL;

        CREATE TABLE audit (
            id TEXT PRIMARY KEY NOT NULL,
            user_id TEXT NOT NULL,
            action TEXT NOT NULL,
            detail TEXT,
            address TEXT,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX audit_by_user ON audit(user_id, id);

        CREATE TABLE shares (
            conversation_id TEXT PRIMARY KEY NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            token_hash TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            snapshot TEXT NOT NULL
        ) STRICT;
        CREATE INDEX attachments_by_user ON attachments(user_id, id);
        """
}
