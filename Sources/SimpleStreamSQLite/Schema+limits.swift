extension Schema {
    /// Quotas, and what the vault needs: fingerprints, default keys, uses of keys and the canary.
    static let limits = """
        CREATE TABLE quota_use (
            key TEXT NOT NULL,
            starts_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            used INTEGER NOT NULL,
            PRIMARY KEY (key, starts_at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX quota_use_by_end ON quota_use(ends_at);

        -- No reference to messages: what a deleted run had reserved is settled all the same.
        CREATE TABLE quota_reservations (
            message_id TEXT NOT NULL,
            key TEXT NOT NULL,
            starts_at INTEGER NOT NULL,
            unit TEXT NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY (message_id, key)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE user_keys ADD COLUMN fingerprint TEXT;
        ALTER TABLE user_keys ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0;
        UPDATE user_keys SET is_default = 1
        WHERE (user_id, provider) IN (SELECT user_id, min(provider) FROM user_keys GROUP BY user_id);

        -- No reference to messages: what a key was used for stays known.
        CREATE TABLE key_uses (
            ordinal INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL,
            provider TEXT NOT NULL,
            fingerprint TEXT,
            message_id TEXT NOT NULL,
            used_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX key_uses_by_user ON key_uses(user_id, ordinal);

        CREATE TABLE vault_canary (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            key_id TEXT NOT NULL,
            nonce BLOB NOT NULL,
            ciphertext BLOB NOT NULL,
            tag BLOB NOT NULL
        ) STRICT;

        CREATE INDEX messages_streaming_by_user ON messages(user_id) WHERE status = 'streaming';
        """
}
