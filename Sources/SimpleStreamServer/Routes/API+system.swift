import Hummingbird
import SimpleStreamKit

extension API {
    var system: [Endpoint] {
        [
            Endpoint(.get, "/health", "Whether the process lives.", answer: .json("Health")) { _ in
                .json(["status": "ok", "version": .string(ServerVersion.current)])
            },
            Endpoint(.get, "/ready", "Whether requests are taken; 503 when not.", answer: .json("Readiness")) {
                await ready($0)
            },
            Endpoint(.get, "/api/auth/session", "Who the caller is.", answer: .json("Session")) { request in
                .json(["user": ["id": .string(request.user.id), "kind": "local"], "authMode": "local"])
            },
        ]
    }

    private func ready(_ request: APIRequest) async -> Response {
        let isDraining = chat.isDraining
        var isStoreUp = true
        do throws(ChatError) {
            // The cheapest question every store answers.
            _ = try await chat.store.document("ready", of: request.user.id)
        } catch {
            isStoreUp = false
        }
        var states: JSONValue = ["store": isStoreUp ? "up" : "down"]
        var isReady = isStoreUp && !isDraining
        for dependency in dependencies {
            let isUp = await dependency.isUp()
            states[dependency.name] = isUp ? "up" : "down"
            isReady = isReady && isUp
        }
        return .json(
            [
                "status": isReady ? "ready" : isDraining ? "draining" : "unavailable",
                "dependencies": states,
            ],
            status: isReady ? .ok : .serviceUnavailable
        )
    }
}
