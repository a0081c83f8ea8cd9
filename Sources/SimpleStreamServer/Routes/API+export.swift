import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

extension API {
    var exports: [Endpoint] {
        [
            Endpoint(
                .get, "/api/conversations/{id}/export", "The whole conversation as a file.",
                parameters: [.query("format", ["type": "string", "enum": ["json", "markdown"]], "Default json.")],
                answer: .bytes
            ) { try await export($0) }
        ]
    }

    /// How many bytes of messages go into one file, which is made in memory.
    private static let exportedBytes = 64 << 20

    private func export(_ request: APIRequest) async throws -> Response {
        let format = try request.query("format") ?? "json"
        guard format == "json" || format == "markdown" else {
            throw FieldReader.wrong("format", "json or markdown")
        }
        let id = try request.path("id")
        guard let conversation = try await chat.store.conversation(id, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such conversation.")
        }
        var messages: [Message] = []
        var cursor: String?
        var bytes = 0
        repeat {
            let page = try await chat.store.messages(in: id, of: request.user.id, after: cursor, limit: 16)
            messages += page.items
            bytes += page.items.reduce(0) { $0 + $1.size }
            guard bytes <= Self.exportedBytes else {
                throw ChatError(
                    .payloadTooLarge, "The conversation is too long for one file; /api/account/export has it, too.")
            }
            cursor = page.nextCursor
        } while cursor != nil
        if format == "markdown" {
            let text = MarkdownExport(conversation, messages).text
            return file(ByteBuffer(string: text), type: "text/markdown; charset=utf-8", name: "conversation-\(id).md")
        }
        let value: JSONValue = [
            "conversation": try await shown(conversation, to: request.user),
            "messages": .array(try await shown(messages, to: request.user)),
        ]
        return file(ByteBuffer(bytes: value.encoded), type: "application/json", name: "conversation-\(id).json")
    }

    private func file(_ bytes: ByteBuffer, type: String, name: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "no-store", .contentDisposition: "attachment; filename=\"\(name)\"",
            ],
            body: ResponseBody(byteBuffer: bytes)
        )
    }
}

/// A conversation's active branch as a document.
struct MarkdownExport {
    let text: String

    init(_ conversation: Conversation, _ messages: [Message]) {
        let byID = Dictionary(messages.map { ($0.id, $0) }) { first, _ in first }
        var branch: [Message] = []
        var next = conversation.activeLeafID ?? messages.last?.id
        // Every step leads to an older message; the count guards against a ring all the same.
        while let id = next, let message = byID[id], branch.count < messages.count {
            branch.append(message)
            next = message.parentID
        }
        let title = conversation.title.split(whereSeparator: \.isNewline).joined(separator: " ")
        text = branch.reversed().reduce("# \(title)\n") { text, message in
            text + "\n## \(Self.speaker(of: message))\n\n\(message.content)\n"
        }
    }

    private static func speaker(of message: Message) -> String {
        switch message.role {
        case .user: "You"
        case .system: "Instructions"
        case .assistant: [message.provider, message.model].compactMap(\.self).joined(separator: "/")
        }
    }
}
