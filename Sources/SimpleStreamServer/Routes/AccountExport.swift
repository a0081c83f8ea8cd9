import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything a user has, as lines of JSON: read and sent piece by piece, however much it is.
///
/// Each line has a `type`. Keys come without the keys; attachments with their bytes as base64.
struct AccountExport: Sendable {
    let chat: ChatService
    let user: User

    private var store: any Store { chat.store }

    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "application/x-ndjson", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"simple-stream-export.ndjson\"",
            ],
            body: ResponseBody { writer in
                try await writeAccount(to: &writer)
                try await writeConversations(to: &writer)
                try await writeAttachments(to: &writer)
                try await writer.write(Self.line("end", [:]))
                try await writer.finish(nil)
            }
        )
    }

    private static func line(_ type: String, _ value: JSONValue) -> ByteBuffer {
        var line: JSONValue = ["type": .string(type)]
        for member in value.object?.members ?? [] { line[member.key] = member.value }
        return ByteBuffer(bytes: line.encoded + [UInt8(ascii: "\n")])
    }

    @concurrent private func writeAccount(to writer: inout any ResponseBodyWriter) async throws {
        var value: JSONValue = ["id": .string(user.id), "exportedAt": .string(Date().iso8601)]
        if let account = try await store.user(user.id) {
            value["kind"] = .string(account.kind.rawValue)
            value["name"] = .string(account.name)
            value["email"] = account.email.map(JSONValue.string)
            value["createdAt"] = .string(account.createdAt.iso8601)
        }
        try await writer.write(Self.line("user", value))
        for identity in try await store.identities(of: user.id) {
            try await writer.write(
                Self.line(
                    "identity", ["issuer": .string(identity.issuer), "subject": .string(identity.subject)]))
        }
        for name in ["settings", "profile"] {
            guard let text = try await store.document(name, of: user.id) else { continue }
            // We wrote it; what cannot be read is damage that keeps nothing else from going out.
            try await writer.write(Self.line(name, ["document": (try? JSONValue(parsing: text)) ?? .null]))
        }
        for key in try await store.keys(of: user.id) { try await writer.write(Self.line("key", chat.shown(key))) }
        for token in try await store.tokens(of: user.id) {
            try await writer.write(Self.line("token", token.json(secret: nil)))
        }
        for sum in try await store.usage(of: user.id, from: .distantPast, to: .distantFuture) {
            try await writer.write(Self.line("usage", sum.json))
        }
        var last: String?
        repeat {
            let entries = try await store.auditEntries(of: user.id, before: last, limit: 200)
            for entry in entries { try await writer.write(Self.line("audit", entry.json)) }
            last = entries.count == 200 ? entries.last?.id : nil
        } while last != nil
    }

    @concurrent private func writeConversations(to writer: inout any ResponseBodyWriter) async throws {
        var cursor: String?
        repeat {
            let page = try await store.conversations(of: user.id, matching: nil, after: cursor, limit: 200)
            let shared = try await store.sharedConversations(among: page.items.map(\.id), of: user.id)
            for conversation in page.items {
                try await writer.write(
                    Self.line("conversation", conversation.json(isShared: shared.contains(conversation.id))))
                try await writeMessages(of: conversation.id, to: &writer)
            }
            cursor = page.nextCursor
        } while cursor != nil
    }

    @concurrent private func writeMessages(of conversationID: String, to writer: inout any ResponseBodyWriter)
        async throws
    {
        var cursor: String?
        repeat {
            let page = try await store.messages(in: conversationID, of: user.id, after: cursor, limit: 16)
            for message in page.items {
                let attachments = try await store.attachments(message.attachmentIDs, of: user.id)
                try await writer.write(Self.line("message", message.json(attachments: attachments)))
            }
            cursor = page.nextCursor
        } while cursor != nil
    }

    @concurrent private func writeAttachments(to writer: inout any ResponseBodyWriter) async throws {
        var last: String?
        repeat {
            let page = try await store.attachments(of: user.id, after: last, limit: 200)
            for attachment in page {
                var value = attachment.json
                // Bytes that are gone do not keep the rest from going out.
                let bytes = try? await chat.blobs.get(attachment.id)
                value["base64"] = bytes.map { .string(Data($0).base64EncodedString()) } ?? .null
                try await writer.write(Self.line("attachment", value))
            }
            last = page.count == 200 ? page.last?.id : nil
        } while last != nil
    }
}
