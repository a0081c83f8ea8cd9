import HTTPTypes
import Hummingbird
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    var tokens: [Endpoint] {
        [
            Endpoint(
                .get, "/api/tokens", "The caller's tokens, without the tokens.", answer: .list("Token"),
                needs: .scope(.admin)
            ) { request in
                .list(try await chat.store.tokens(of: request.user.id).map { $0.json(secret: nil) })
            },
            Endpoint(
                .post, "/api/tokens", "Makes a token; it is shown this once.", body: .json("TokenRequest"),
                answer: .json("NewToken"), statuses: [201], needs: .scope(.admin)
            ) { try await makeToken($0) },
            Endpoint(
                .delete, "/api/tokens/{id}", "Ends a token and its sockets.", answer: .none, needs: .scope(.admin)
            ) { request in
                let id = try request.path("id")
                guard try await requireAccounts().revoke(id, of: request.user.id, address: request.address) else {
                    throw ChatError(.notFound, "There is no such token.")
                }
                return .done
            },
        ]
    }

    private func makeToken(_ request: APIRequest) async throws -> Response {
        let accounts = try requireAccounts()
        guard request.user.kind != .guest else {
            throw ChatError(.forbidden, "Sign in to make tokens: guests come and go.")
        }
        let fields = try await request.body()
        guard let name = try plainText(of: fields, "name") else { throw FieldReader.wrong("name", "a plain text") }
        let scopes = try requestedScopes(of: fields) ?? [.chat, .read]
        // Nobody gives away what they do not have.
        guard scopes.isSubset(of: request.user.scopes) else {
            throw ChatError(.forbidden, "A token can have no scope that you do not have.")
        }
        let days = try fields.int("expiresInDays", in: 1...3650)
        var expiresAt = days.map { Date() + Double($0) * 86_400 }
        if case .token(_, let ownExpiry?) = request.user.proof {
            expiresAt = min(expiresAt ?? ownExpiry, ownExpiry)
        }
        let (token, secret) = try await accounts.makeToken(
            of: request.user.id, name: name, scopes: scopes, expiresAt: expiresAt, address: request.address)
        return .json(token.json(secret: secret), status: .created)
    }
}

extension APIToken {
    /// - Parameter secret: the token itself, for the one who has just made it.
    func json(secret: Secret?) -> JSONValue {
        var value: JSONValue = ["id": .string(id), "name": .string(name)]
        value["scopes"] = .array(scopes.sorted().map { .string($0.rawValue) })
        value["createdAt"] = .string(createdAt.iso8601)
        value["expiresAt"] = expiresAt.map { .string($0.iso8601) } ?? .null
        value["lastUsedAt"] = lastUsedAt.map { .string($0.iso8601) } ?? .null
        value["token"] = secret.map { .string($0.reveal()) }
        return value
    }
}
