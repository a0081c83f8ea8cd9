extension Schema {
    /// What a user has stored is summed without reading the rows; what no message holds is found by its age.
    static let storage = """
        DROP INDEX attachments_by_user;
        CREATE INDEX attachments_by_user ON attachments(user_id, id) INCLUDE (size);
        CREATE INDEX attachments_unsent ON attachments(created_at) WHERE message_id IS NULL;

        -- The sum of a user's files, each with at least and at most so much.
        CREATE FUNCTION ss_stored_bytes(p_user text, p_least bigint, p_most bigint) RETURNS bigint
        LANGUAGE sql STABLE AS $$
            SELECT coalesce(sum(greatest(p_least, least(size, p_most))), 0)::bigint FROM attachments
            WHERE user_id = p_user
        $$;

        """
}
