import HTTPTypes
import Hummingbird
import SimpleStreamKit

extension API {
    var system: [Endpoint] {
        [
            Endpoint(.get, "/health", "Whether the process lives.", answer: .json("Health"), needs: .nobody) { _ in
                .json(["status": "ok", "version": .string(ServerVersion.current)])
            },
            Endpoint(
                .get, "/ready",
                "Whether requests are taken; 503 when not. What it depends on is told to this machine and tokens with scope ops.",
                answer: .json("Readiness"), needs: .nothing
            ) {
                await ready($0)
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
        var value: JSONValue = ["status": isReady ? "ready" : isDraining ? "draining" : "unavailable"]
        if request.isFromOperator { value["dependencies"] = states }
        return .json(value, status: isReady ? .ok : .serviceUnavailable)
    }
}

extension APIRequest {
    /// Whether somebody asks who runs the server: from this machine, not through a proxy on it, or with a credential for it.
    var isFromOperator: Bool {
        if user.scopes.contains(.ops) { return true }
        let signs = [
            HTTPField.Name.xForwardedFor, .xForwardedProto, .xForwardedHost, .forwarded, .via, .xRealIP,
            .cfConnectingIP,
        ]
        let isForwarded = signs.contains { request.headers[$0] != nil }
        return !isForwarded && ["127.0.0.1", "::1"].contains(address)
    }
}

extension HTTPField.Name {
    static let forwarded = parsed("Forwarded")
    static let xRealIP = parsed("X-Real-IP")
    static let cfConnectingIP = parsed("CF-Connecting-IP")
}
