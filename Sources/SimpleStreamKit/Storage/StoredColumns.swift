/// A list of columns as those of one of several tables.
package func prefixed(_ columns: String, by table: String) -> String {
    columns.split(separator: " ").map { "\(table).\($0)" }.joined(separator: " ")
}

// The columns of stores on SQL, in the order their rows are written and read. Tables have them in every database.

extension Conversation {
    package static let columns = "id, user_id, title, created_at, updated_at, active_leaf_id"
}

extension Message {
    package static let columns = """
        id, conversation_id, parent_id, role, content, provider, model, status, created_at, thinking_text, thinking_ms, \
        stop_reason, error_code, error_message, error_retryable, usage, cost_micro_usd, liked, disliked, attachments, \
        citations, tool_calls, provider_state, materialized_seq
        """
}

extension Run {
    package static let columns = "\(Message.columns), user_id, request_id, node, lease_epoch, stop_requested"
}

extension Attachment {
    package static let columns = "id, user_id, name, mime, size, created_at"
}

extension StoredKey {
    package static let columns = """
        user_id, provider, label, last_four, key_id, nonce, ciphertext, tag, base_url, verdict, verdict_message, \
        checked_at, created_at, fingerprint, is_default
        """
}

extension UserAccount {
    package static let columns = "id, kind, name, email, avatar_url, created_at"
}

extension UserSession {
    package static let columns =
        "id, token_hash, user_id, created_at, last_seen_at, expires_at, ends_at, authenticated_at"
}

extension APIToken {
    package static let columns = "id, token_hash, user_id, name, scopes, created_at, expires_at, last_used_at"
}

extension SignInAttempt {
    package static let columns = "state_hash, browser_hash, provider, verifier, nonce, return_path, expires_at"
}

extension DeviceLogin {
    package static let columns = "device_hash, user_code_hash, client_name, scopes, user_id, created_at, expires_at"
}

extension AuditEntry {
    package static let columns = "id, user_id, action, detail, address, created_at"
}
