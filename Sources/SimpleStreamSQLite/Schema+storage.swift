extension Schema {
    /// What a user has stored is summed without reading the rows; what no message holds is found by its age.
    static let storage = """
        DROP INDEX attachments_by_user;
        CREATE INDEX attachments_by_user ON attachments(user_id, id, size);
        CREATE INDEX attachments_unsent ON attachments(created_at) WHERE message_id IS NULL;
        """
}
