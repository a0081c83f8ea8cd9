import SimpleStreamCurl
import SimpleStreamKit
import Testing
import TestSupport

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
