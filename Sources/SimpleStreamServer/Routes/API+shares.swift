import HTTPTypes
import Hummingbird
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    /// How many messages, and bytes, a shared conversation may have.
    private static let sharedMessages = 2000
    private static let sharedBytes = 8 << 20

    var shares: [Endpoint] {
        [
            Endpoint(
                .post, "/api/conversations/{id}/share",
                "Makes a link to what the conversation is now; the link before it ends.", answer: .json("Share"),
                statuses: [201]
            ) { try await share($0) },
            Endpoint(
                .delete, "/api/conversations/{id}/share", "Ends the conversation's link.", answer: .none
            ) { request in
                let id = try request.path("id")
                guard try await chat.store.deleteShare(ofConversation: id, of: request.user.id) else {
                    throw ChatError(.notFound, "There is no such shared conversation.")
                }
                await audit.note(
                    .conversationUnshared, by: request.user.id, ["conversation": id], address: request.address)
                return .done
            },
            Endpoint(
                .get, "/api/shared/{token}", "What a link shows.", answer: .json("SharedConversation"), needs: .nobody
            ) { request in
                let token = try request.path("token")
                guard let share = try await chat.store.share(withHash: AccessToken.hash(token)) else {
                    throw ChatError(.notFound, "There is no such shared conversation.")
                }
                return .json(try JSONValue(parsing: share.snapshot), headers: [.xRobotsTag: "noindex"])
            },
        ]
    }

    /// The newest messages of the active branch, read in steps: no conversation fills the memory.
    private func sharedMessages(of conversation: Conversation) async throws -> [Message] {
        var messages: [Message] = []
        var (next, bytes) = (conversation.activeLeafID, 0)
        while let leaf = next, messages.count < Self.sharedMessages {
            let step = try await chat.store.branch(
                endingAt: leaf, in: conversation.id, of: conversation.userID,
                limit: min(16, Self.sharedMessages - messages.count))
            messages = step + messages
            next = step.first?.parentID
            bytes += step.reduce(0) { $0 + $1.content.utf8.count }
            guard bytes <= Self.sharedBytes else { throw Self.tooLong }
        }
        return messages
    }

    private static var tooLong: ChatError {
        ChatError(.payloadTooLarge, "The conversation is too long to be shared.")
    }

    private func share(_ request: APIRequest) async throws -> Response {
        let id = try request.path("id")
        guard let conversation = try await chat.store.conversation(id, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        let messages = try await sharedMessages(of: conversation)
        let now = Date()
        let snapshot: JSONValue = [
            "title": .string(conversation.title), "sharedAt": .string(now.iso8601),
            "messages": .array(messages.filter { $0.status != .streaming && $0.role != .system }.map(\.sharedJSON)),
        ]
        guard snapshot.encoded.count <= Self.sharedBytes else {
            throw Self.tooLong
        }
        let token = AccessToken.make().reveal()
        let share = SharedConversation(
            tokenHash: AccessToken.hash(token), conversationID: id, userID: request.user.id, snapshot: snapshot.text,
            createdAt: now)
        guard try await chat.store.saveShare(share) else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        await audit.note(.conversationShared, by: request.user.id, ["conversation": id], address: request.address)
        let url = "\(configuration.publicURL.map(Self.withoutSlash) ?? "")/shared/\(token)"
        return .json(["url": .string(url), "createdAt": .string(now.iso8601)], status: .created)
    }

    static func withoutSlash(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
}

extension Message {
    /// What everybody with the link may see.
    fileprivate var sharedJSON: JSONValue {
        var value: JSONValue = ["role": .string(role.rawValue), "content": .string(content)]
        value["provider"] = provider.map(JSONValue.string)
        value["model"] = model.map(JSONValue.string)
        if !citations.isEmpty { value["citations"] = .array(citations.map(\.json)) }
        value["createdAt"] = .string(createdAt.iso8601)
        return value
    }
}

extension HTTPField.Name {
    static let xRobotsTag = parsed("X-Robots-Tag")
}
