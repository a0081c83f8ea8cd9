#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What is known of attachments; their bytes are in a ``BlobStore``.
public protocol AttachmentStore: Sendable {
    /// Saves what is known of a new file.
    ///
    /// - Parameter limit: what the user's files may come to with this one, as ``storedBytes(of:)`` counts them; nil is no
    ///   limit. Of many files at once as many are saved as fit.
    /// - Throws: `payload_too_large` when it is more; then nothing was saved.
    func saveAttachment(_ attachment: Attachment, limit: Int?) async throws(ChatError)

    /// What a user's files come to, on messages or not: the sum of their ``Attachment/countedSize``.
    func storedBytes(of userID: String) async throws(ChatError) -> Int

    /// Those of the given ids that are the user's, in the order of the ids.
    func attachments(_ ids: [String], of userID: String) async throws(ChatError) -> [Attachment]

    /// The user's attachments by id, on messages or not.
    ///
    /// - Parameters:
    ///   - id: nil begins with the first; otherwise those after that id.
    ///   - limit: 1 to 200.
    func attachments(of userID: String, after id: String?, limit: Int) async throws(ChatError) -> [Attachment]

    /// Deletes one that no message holds; false when there is none such.
    func deleteAttachment(_ id: String, of userID: String) async throws(ChatError) -> Bool

    /// Deletes files that no message holds and that are older than `age`, the oldest first.
    ///
    /// Files are as old as ``Attachment/createdAt`` by the store's clock. A message that takes one at the same time either
    /// keeps it or finds it gone.
    ///
    /// - Parameter limit: how many at most, 1 or more.
    /// - Returns: whose bytes are to go too.
    func deleteUnsentAttachments(olderThan age: Duration, limit: Int) async throws(ChatError) -> [String]
}

/// A file that belongs to a user.
public struct Attachment: Sendable, Hashable, Identifiable {
    /// A UUIDv7.
    public let id: String
    public let userID: String
    public var name: String
    /// As sniffed from its bytes.
    public var mime: String
    public var size: Int
    public let createdAt: Date

    /// The bounds of what one file counts. A file takes 4 KiB on most disks however small it is, and so many small ones
    /// do not hide.
    package static let countedSizes: ClosedRange<Int> = 4096...(1 << 40)

    /// What the file counts of what a user may store: its size, at least 4096.
    public var countedSize: Int { min(max(size, Self.countedSizes.lowerBound), Self.countedSizes.upperBound) }

    public init(id: String, userID: String, name: String, mime: String, size: Int, createdAt: Date) {
        self.id = id
        self.userID = userID
        self.name = name
        self.mime = mime
        self.size = size
        self.createdAt = createdAt
    }
}
