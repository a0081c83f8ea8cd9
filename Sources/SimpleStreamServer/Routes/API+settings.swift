import Hummingbird
import SimpleStreamKit

extension API {
    var settings: [Endpoint] {
        document(named: "settings")
    }

    private func document(named name: String) -> [Endpoint] {
        [
            Endpoint(.get, "/api/\(name)", "The caller's \(name).", answer: .json("Document")) { request in
                .json(.object(try await document(name, of: request.user)))
            },
            Endpoint(
                .patch, "/api/\(name)", "Changes fields of the caller's \(name); null removes one.",
                body: .json("Document"), answer: .json("Document")
            ) { request in
                let changes = try await request.body().object
                var document = try await document(name, of: request.user)
                for change in changes.members {
                    document[change.key] = change.value.isNull ? Optional.none : change.value
                }
                try await chat.store.saveDocument(name, JSONValue.object(document).text, of: request.user.id)
                if name == "settings" {
                    chat.notify(
                        request.user.id, Notice.settingsUpdated(userID: request.user.id, changes: .object(changes)))
                }
                return .json(.object(document))
            },
        ]
    }

    private func document(_ name: String, of user: User) async throws(ChatError) -> JSONObject {
        guard let text = try await chat.store.document(name, of: user.id) else { return JSONObject() }
        // We wrote it: anything else is damage, and an empty document can be filled again.
        return (try? JSONValue(parsing: text))?.object ?? JSONObject()
    }
}
