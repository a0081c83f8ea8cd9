import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ChatService {
    /// How long a file may wait for a message.
    private static let unsentTime = Duration.seconds(86_400)

    /// Keeps a file for a user: its bytes, then what is known of it.
    ///
    /// - Parameters:
    ///   - limit: how many bytes the file may have. How many all files of the user may have is in
    ///     ``ChatConfiguration/sizes``.
    ///   - mime: the file's type; called when all bytes have come.
    /// - Throws: what `bytes` and `mime` throw; `payload_too_large` when the file is too large, or all files of the user would
    ///   be; `storage_unavailable`. Then nothing of it is kept.
    public func keepAttachment(
        named name: String, of userID: String, isGuest: Bool = false, limit: Int,
        bytes: some AsyncSequence<[UInt8], any Error>, mime: () throws -> String
    ) async throws -> Attachment {
        let most = configuration.sizes.storedBytes(isGuest: isGuest)
        let room = try await room(of: userID, most: most)
        let id = UUIDv7.make()
        let size: Int
        do {
            size = try await blobs.put(id, limit: min(limit, room), bytes: bytes)
        } catch let error as ChatError {
            if let most, room < limit, error.code == .payloadTooLarge { throw StoreError.full(limit: most) }
            throw error
        }
        do {
            let attachment = Attachment(
                id: id, userID: userID, name: name, mime: try mime(), size: size, createdAt: Date())
            try await store.saveAttachment(attachment, limit: most)
            return attachment
        } catch {
            // What stays belongs to nobody and is never served.
            try? await blobs.delete(id)
            throw error
        }
    }

    /// How many bytes a user may still store, so that what cannot be kept is not written first. The store decides.
    private func room(of userID: String, most: Int?) async throws(ChatError) -> Int {
        guard let most else { return .max }
        let room = most - (try await store.storedBytes(of: userID))
        guard room >= Attachment.countedSizes.lowerBound else { throw StoreError.full(limit: most) }
        return room
    }

    /// Deletes files that have waited for a message for more than a day. A server does so every ten minutes.
    ///
    /// - Throws: `storage_unavailable`; what was not deleted is at the next call.
    public func sweepAttachments() async throws(ChatError) {
        let batch = 100
        while true {
            let ids = try await store.deleteUnsentAttachments(olderThan: Self.unsentTime, limit: batch)
            await deleteBytes(of: ids)
            if ids.count < batch { return }
        }
    }

    /// Deletes the bytes of attachments that are not there any more.
    func deleteBytes(of ids: [String]) async {
        for id in ids {
            do throws(ChatError) {
                try await blobs.delete(id)
            } catch {
                logger.warning("An attachment's bytes could not be deleted", metadata: ["error": "\(error.message)"])
            }
        }
    }
}
