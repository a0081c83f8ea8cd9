/// Keeps the bytes of attachments.
///
/// - A blob is whole or not there: a failed or cancelled `put` leaves nothing.
/// - Ids are UUIDs of ours in lower case; anything else is `not_found`, never a path.
/// - A second `put` of an id replaces the blob in one step.
public protocol BlobStore: Sendable {
    /// Stores bytes as they come.
    ///
    /// - Throws: what `bytes` throws, `payload_too_large` beyond `limit` bytes, `storage_unavailable`.
    /// - Returns: how many bytes there were.
    func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int

    /// All bytes of a blob; `not_found` when there is none.
    func get(_ id: String) async throws(ChatError) -> [UInt8]

    /// Deletes a blob. Deleting none is no error.
    func delete(_ id: String) async throws(ChatError)
}
