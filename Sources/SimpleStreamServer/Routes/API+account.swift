import HTTPTypes
import Hummingbird
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    var account: [Endpoint] {
        [
            Endpoint(
                .get, "/api/audit", "What happened to the caller's account, newest first.",
                parameters: Endpoint.Parameter.page, answer: .list("AuditEntry"), needs: .scope(.admin)
            ) { request in
                let (cursor, limit) = try request.page()
                if let cursor, !UUIDv7.isWellFormed(cursor) {
                    throw FieldReader.wrong("cursor", "one this list gave out")
                }
                let entries = try await chat.store.auditEntries(of: request.user.id, before: cursor, limit: limit)
                return .list(entries.map(\.json), nextCursor: entries.count == limit ? entries.last?.id : nil)
            },
            Endpoint(
                .get, "/api/account/export", "Everything of the caller's, one JSON object a line.", answer: .bytes,
                needs: .scope(.admin)
            ) { request in
                await audit.note(.dataExported, by: request.user.id, address: request.address)
                return AccountExport(chat: chat, user: request.user).response
            },
            Endpoint(
                .delete, "/api/account", "Deletes the caller with everything that is theirs, for ever.", answer: .none,
                needs: .recentSignIn
            ) { request in
                let accounts = try requireAccounts()
                guard try await chat.deleteUser(request.user.id) else {
                    throw ChatError(.notFound, "There is no such user.")
                }
                // All that is left of them.
                await audit.note(.accountDeleted, by: request.user.id, address: nil)
                return Response.done.setting([accounts.cookie.cleared])
            },
        ]
    }
}

extension AuditEntry {
    var json: JSONValue {
        var details = JSONObject()
        for (key, value) in detail.sorted(by: { $0.key < $1.key }) { details[key] = .string(value) }
        var value: JSONValue = ["id": .string(id), "action": .string(action.rawValue), "detail": .object(details)]
        value["address"] = address.map(JSONValue.string) ?? .null
        value["createdAt"] = .string(createdAt.iso8601)
        return value
    }
}
