import Foundation
import SimpleStreamKit
import TestSupport
import Testing

/// `SS_PROVIDERS` against a real TLS server and a real proxy.
@Suite(.enabled(if: SecureProvider.isAvailable, "python3 or openssl is missing"))
struct CustomProviderTests {
    private func ask(
        _ provider: SecureProvider, model: String = "m", _ change: (inout JSONValue) -> Void = { _ in }
    ) async throws -> ChildProcess.Result {
        var entry: JSONValue = [
            "name": "acme", "wire": "openai-chat", "baseURL": .string("https://localhost:\(provider.port)/v1"),
            "apiKey": "secret-1", "headers": ["X-Team": "search"], "caFile": .string(provider.caFile),
        ]
        change(&entry)
        let list = JSONValue.array([entry]).text
        return try await withCLIHome { home in
            try await home.run("hi", "-m", "acme/\(model)", set: ["SS_PROVIDERS": list])
        }
    }

    @Test func keyHeadersAndAuthorityReachTheServer() async throws {
        try await SecureProvider.with { provider in
            let result = try await ask(provider)
            #expect(result.output == "key Bearer secret-1 team search\n")
            #expect(result.status == 0, "\(result.errors)")
            #expect(provider.tunnels.isEmpty)
        }
    }

    @Test func proxyCarriesTheConnection() async throws {
        try await SecureProvider.with { provider in
            let result = try await ask(provider) { $0["proxy"] = .string("http://127.0.0.1:\(provider.proxyPort)") }
            #expect(result.output == "key Bearer secret-1 team search\n")
            #expect(provider.tunnels == ["localhost:\(provider.port)"])
        }
    }

    @Test func strangersAreNotTrusted() async throws {
        try await SecureProvider.with { provider in
            let result = try await ask(provider) { $0["caFile"] = nil }
            #expect(result.output == "")
            #expect(result.status == 6)
            #expect(!result.errors.contains("secret-1"))
        }
    }

    @Test func aProviderThatFallsSilentIsGivenUp() async throws {
        try await SecureProvider.with { provider in
            let result = try await ask(provider, model: "silent") { $0["timeouts"] = ["idle": 0.3] }
            // What it had said is kept.
            #expect(result.output.hasPrefix("key Bearer secret-1 team search"))
            #expect(result.status == 6, "\(result.errors)")
        }
    }

    @Test func aProviderThatNeverAnswersIsGivenUp() async throws {
        try await SecureProvider.with { provider in
            let result = try await ask(provider, model: "dead") { $0["timeouts"] = ["firstEvent": 0.3] }
            #expect(result.output == "")
            #expect(result.status == 6, "\(result.errors)")
        }
    }
}
