#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What is known of attachments; their bytes are in a ``BlobStore``.
public protocol AttachmentStore: Sendable {
    func saveAttachment(_ attachment: Attachment) async throws(ChatError)

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

    public init(id: String, userID: String, name: String, mime: String, size: Int, createdAt: Date) {
        self.id = id
        self.userID = userID
        self.name = name
        self.mime = mime
        self.size = size
        self.createdAt = createdAt
    }
}
