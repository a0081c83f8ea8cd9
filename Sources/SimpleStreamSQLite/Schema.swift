/// One numbered step of the schema.
///
/// Steps are never changed once released; new ones are added at the end.
struct Migration: Sendable {
    let version: Int
    let sql: String
}

/// The schema this version of the program knows.
enum Schema {
    static let migrations = [
        Migration(version: 1, sql: first), Migration(version: 2, sql: limits), Migration(version: 3, sql: accounts),
        Migration(version: 4, sql: storage),
    ]

    /// Big texts are the last columns: SQLite then reads the small ones without walking their overflow pages.
    private static let first = """
        CREATE TABLE conversations (
            ordinal INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            title TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            active_leaf_id TEXT
        ) STRICT;
        CREATE INDEX conversations_by_activity ON conversations(user_id, updated_at DESC, id DESC);

        CREATE TABLE messages (
            ordinal INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            user_id TEXT NOT NULL,
            parent_id TEXT,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            provider TEXT,
            model TEXT,
            stop_reason TEXT,
            error_code TEXT,
            error_message TEXT,
            error_retryable INTEGER,
            cost_micro_usd INTEGER,
            liked INTEGER NOT NULL,
            disliked INTEGER NOT NULL,
            materialized_seq INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            request_id TEXT,
            request_hash TEXT,
            node TEXT,
            lease_epoch INTEGER,
            lease_until INTEGER,
            stop_requested INTEGER NOT NULL DEFAULT 0,
            thinking_ms INTEGER,
            usage TEXT,
            attachments TEXT,
            citations TEXT,
            tool_calls TEXT,
            provider_state TEXT,
            thinking_text TEXT,
            content TEXT NOT NULL
        ) STRICT;
        CREATE INDEX messages_by_conversation ON messages(conversation_id, ordinal);
        CREATE UNIQUE INDEX messages_by_request ON messages(user_id, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX messages_streaming ON messages(conversation_id, ordinal) WHERE status = 'streaming';

        CREATE TABLE attachments (
            id TEXT PRIMARY KEY NOT NULL,
            user_id TEXT NOT NULL,
            message_id TEXT REFERENCES messages(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            mime TEXT NOT NULL,
            size INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attachments_by_message ON attachments(message_id) WHERE message_id IS NOT NULL;

        CREATE TABLE user_keys (
            user_id TEXT NOT NULL,
            provider TEXT NOT NULL,
            label TEXT NOT NULL,
            last_four TEXT NOT NULL,
            key_id TEXT NOT NULL,
            nonce BLOB NOT NULL,
            ciphertext BLOB NOT NULL,
            tag BLOB NOT NULL,
            base_url TEXT,
            verdict TEXT NOT NULL,
            verdict_message TEXT NOT NULL,
            checked_at INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, provider)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usage (
            ordinal INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL,
            message_id TEXT NOT NULL,
            purpose TEXT NOT NULL,
            provider TEXT NOT NULL,
            model TEXT NOT NULL,
            on_operator_key INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL,
            cached_input_tokens INTEGER NOT NULL,
            cache_write_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER NOT NULL,
            estimated INTEGER NOT NULL,
            cost_micro_usd INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX usage_by_time ON usage(user_id, created_at);

        CREATE TABLE settings (
            user_id TEXT NOT NULL,
            name TEXT NOT NULL,
            json TEXT NOT NULL,
            PRIMARY KEY (user_id, name)
        ) STRICT, WITHOUT ROWID;

        -- Row 2n is message n, row 2n + 1 the title of conversation n. Texts come folded.
        CREATE VIRTUAL TABLE search USING fts5(
            owner, text, conversation_id UNINDEXED,
            tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M*'"
        );
        """
}
