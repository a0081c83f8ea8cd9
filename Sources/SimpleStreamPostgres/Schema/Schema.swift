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
        Migration(version: 1, sql: tables + clock + limits + accounts + functions), Migration(version: 2, sql: storage),
        Migration(version: 3, sql: formerUsers),
    ]

    /// Times are milliseconds since 1970, ids are compared byte by byte.
    ///
    /// JSON is kept as text: `jsonb` would change it.
    private static let tables = """
        CREATE TABLE conversations (
            ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL CONSTRAINT conversations_by_id UNIQUE,
            user_id text COLLATE "C" NOT NULL,
            title text NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            active_leaf_id text COLLATE "C"
        );
        CREATE INDEX conversations_by_activity ON conversations(user_id, updated_at DESC, id DESC);

        CREATE TABLE messages (
            ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text COLLATE "C" NOT NULL CONSTRAINT messages_by_id UNIQUE,
            conversation_id text COLLATE "C" NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            user_id text COLLATE "C" NOT NULL,
            parent_id text COLLATE "C",
            role text NOT NULL,
            status text NOT NULL,
            provider text,
            model text,
            stop_reason text,
            error_code text,
            error_message text,
            error_retryable boolean,
            cost_micro_usd bigint,
            liked boolean NOT NULL,
            disliked boolean NOT NULL,
            materialized_seq bigint NOT NULL,
            created_at bigint NOT NULL,
            request_id text COLLATE "C",
            request_hash text COLLATE "C",
            node text COLLATE "C",
            lease_epoch bigint,
            lease_until bigint,
            stop_requested boolean NOT NULL DEFAULT false,
            thinking_ms bigint,
            usage text,
            attachments text,
            citations text,
            tool_calls text,
            provider_state text,
            thinking_text text,
            content text NOT NULL
        );
        CREATE INDEX messages_by_conversation ON messages(conversation_id, ordinal);
        CREATE UNIQUE INDEX messages_by_request ON messages(user_id, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX messages_streaming ON messages(conversation_id, ordinal) WHERE status = 'streaming';

        CREATE TABLE attachments (
            id text COLLATE "C" PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            message_id text COLLATE "C" REFERENCES messages(id) ON DELETE CASCADE,
            name text NOT NULL,
            mime text NOT NULL,
            size bigint NOT NULL,
            created_at bigint NOT NULL
        );
        CREATE INDEX attachments_by_message ON attachments(message_id) WHERE message_id IS NOT NULL;

        CREATE TABLE user_keys (
            user_id text COLLATE "C" NOT NULL,
            provider text COLLATE "C" NOT NULL,
            label text NOT NULL,
            last_four text NOT NULL,
            key_id text NOT NULL,
            nonce bytea NOT NULL,
            ciphertext bytea NOT NULL,
            tag bytea NOT NULL,
            base_url text,
            verdict text NOT NULL,
            verdict_message text NOT NULL,
            checked_at bigint NOT NULL,
            created_at bigint NOT NULL,
            fingerprint text,
            is_default boolean NOT NULL,
            PRIMARY KEY (user_id, provider)
        );

        CREATE TABLE usage (
            ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            message_id text COLLATE "C" NOT NULL,
            purpose text NOT NULL,
            provider text COLLATE "C" NOT NULL,
            model text COLLATE "C" NOT NULL,
            on_operator_key boolean NOT NULL,
            input_tokens bigint NOT NULL,
            cached_input_tokens bigint NOT NULL,
            cache_write_tokens bigint NOT NULL,
            output_tokens bigint NOT NULL,
            reasoning_tokens bigint NOT NULL,
            estimated boolean NOT NULL,
            cost_micro_usd bigint,
            created_at bigint NOT NULL
        );
        CREATE INDEX usage_by_time ON usage(user_id, created_at);

        CREATE TABLE settings (
            user_id text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            json text NOT NULL,
            PRIMARY KEY (user_id, name)
        );

        -- Text 2n is message n, text 2n + 1 the title of conversation n. A long text has several parts.
        CREATE TABLE search (
            text_id bigint NOT NULL,
            part bigint NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            conversation_id text COLLATE "C" NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            words tsvector NOT NULL,
            PRIMARY KEY (text_id, part)
        );
        CREATE INDEX search_by_conversation ON search(conversation_id);
        CREATE INDEX search_by_words ON search USING gin (words);
        CREATE INDEX search_long ON search(user_id, text_id) WHERE part = 1;

        -- Attachments' bytes, for all nodes. A blob is the parts of the upload it names.
        CREATE TABLE blobs (
            id text COLLATE "C" PRIMARY KEY,
            upload text COLLATE "C" NOT NULL,
            size bigint NOT NULL
        );
        CREATE TABLE blob_parts (
            upload text COLLATE "C" NOT NULL,
            part bigint NOT NULL,
            bytes bytea NOT NULL,
            PRIMARY KEY (upload, part)
        );
        ALTER TABLE blob_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

        """
}
