import SimpleStreamCurl
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamComposition

@Suite struct LocalProviderTests {
    private static let list = #"{"object":"list","data":[{"id":"tiny","object":"model"}]}"#
    private static let stranger = "<html>Not a model server</html>"

    @Test func firstThatListsModelsIsTaken() async throws {
        try await withScriptedUpstream(.response(pieces: [Self.stranger])) { stranger in
            try await withScriptedUpstream(.json(Self.list)) { server in
                let provider = LocalProvider(
                    transport: try CurlTransport(environment: [:]),
                    candidates: [stranger.url + "/v1", server.url + "/v1"],
                    patience: .seconds(300))
                #expect(try await provider.models(for: .none).map(\.id) == ["tiny"])
                #expect(provider.baseURL == server.url + "/v1")
                #expect(server.requests.map(\.path) == ["/v1/models"])
            }
        }
    }

    /// A base URL that a user saved with a key for `local`, which is found by itself or named by the operator.
    @Test(arguments: [[:], ["LOCAL_BASE_URL": "http://127.0.0.1:8/v1"]])
    func usersOwnPlaceIsPublicOrAllowedByName(variables: [String: String]) async throws {
        // Nobody listens there: that is only found out where it may be connected to.
        let credential = Credential(key: Secret("key"), baseURL: "https://127.0.0.1:9/v1", isUserOwned: true)
        let cases: [(String?, ChatError.Code)] = [
            (nil, .invalidRequest), ("10.0.0.0/8", .invalidRequest), ("127.0.0.0/8", .providerUnavailable),
        ]
        for (allowed, code) in cases {
            var variables = variables
            variables["ALLOW_PRIVATE_NETWORKS"] = allowed
            let settings = try EngineSettings(Variables(variables, ["HOME": "/home/someone"]))
            let (providers, _) = settings.makeProviders(transport: try CurlTransport(environment: [:]))
            let local = try #require(providers.first { $0.name == "local" })
            await #expect {
                try await local.withReply(to: Prompt(model: "m", messages: [.user("Hi")]), using: credential) {
                    replies in
                    for try await _ in replies {}
                }
            } throws: { ($0 as? ChatError)?.code == code }
        }
    }

    @Test func looksAgainWhenNothingWasFound() async throws {
        let replies = [ScriptedUpstream.Reply.json(status: 503), .json(Self.list)]
        try await withScriptedUpstream(replies[0], replies[1]) { server in
            let provider = LocalProvider(
                transport: try CurlTransport(environment: [:]), candidates: [server.url + "/v1"],
                patience: .seconds(300))
            await #expect(throws: ChatError.self) { try await provider.models(for: .none) }
            #expect(provider.baseURL == nil)
            #expect(try await provider.models(for: .none).map(\.id) == ["tiny"])
        }
    }
}
