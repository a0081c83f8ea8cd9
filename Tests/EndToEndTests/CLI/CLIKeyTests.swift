import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@Suite struct CLIKeyTests {
    static let secret = "sk-verysecret-0123456789"

    /// A provider of the user's own.
    static func providers(at upstream: ScriptedUpstream, key: String? = nil) -> [String: String] {
        var provider: JSONValue = ["name": "acme", "wire": "openai-chat", "baseURL": .string(upstream.url + "/v1")]
        provider["apiKey"] = key.map(JSONValue.string)
        return ["SS_PROVIDERS": JSONValue.array([provider]).text]
    }

    @Test func savesAKeyTheProviderTakes() async throws {
        try await withScriptedUpstream { request, _ in
            request.path.hasSuffix("/models")
                ? .json(#"{"object":"list","data":[{"id":"m1","object":"model"}]}"#) : ChatCompletions.reply("paid")
        } test: { upstream in
            try await withCLIHome { home in
                let settings = Self.providers(at: upstream)
                let saved = try await home.run("keys", "set", "acme", input: Self.secret + "\n", set: settings)
                #expect(saved.status == 0)
                let checked = try await home.run("keys", "check", "acme", set: settings)
                #expect(checked.output == "acme: valid\n")
                let answer = try await home.run("hi", "-m", "acme/m1", set: settings)
                #expect(answer.output == "paid\n")
                #expect(upstream.requests.allSatisfy { $0[header: "authorization"] == "Bearer \(Self.secret)" })
                let list = try await home.run("keys", "list", "--json", set: settings)
                #expect(try JSONValue(parsing: list.output)[0]?["last4"] == "6789")
                #expect(try await home.run("keys", "remove", "acme", set: settings).status == 0)
                #expect(try await home.run("keys", "remove", "acme", set: settings).status == 7)
                for result in [saved, checked, answer, list] {
                    #expect(!(result.output + result.errors).contains("verysecret"))
                }
                try Self.expectNoSecret(below: home.directory)
            }
        }
    }

    @Test func refusesAKeyTheProviderRefuses() async throws {
        try await withScriptedUpstream(.json(#"{"error":{"message":"no \#(Self.secret)"}}"#, status: 401)) { upstream in
            try await withCLIHome { home in
                let settings = Self.providers(at: upstream)
                let result = try await home.run("keys", "set", "acme", input: Self.secret, set: settings)
                #expect(result.status == 4)
                #expect(!result.errors.contains("verysecret"))
                #expect(try await home.run("keys", "list", "--json", set: settings).output == "[]\n")
                let forced = try await home.run("keys", "set", "acme", "--no-check", input: Self.secret, set: settings)
                #expect(forced.status == 0)
                #expect(try await home.run("keys", "check", "acme", set: settings).status == 4)
            }
        }
    }

    @Test(arguments: ["", "two words", "\n\n"]) func wantsOneWord(_ input: String) async throws {
        try await withCLIHome { home in
            let result = try await home.run("keys", "set", "openai", "--no-check", input: input)
            #expect(result.status == 2)
        }
    }

    @Test func tellsNoSecretOfTheEnvironment() async throws {
        try await withScriptedUpstream(.json(#"{"error":{"message":"bad key \#(Self.secret)"}}"#, status: 401)) {
            upstream in
            try await withCLIHome { home in
                var settings = Self.providers(at: upstream, key: Self.secret)
                settings["LOG_LEVEL"] = "trace"
                for options in [[], ["--json"], ["--events"]] {
                    let result = try await ChildProcess(
                        ["hi", "-m", "acme/m1"] + options, of: "ss-cli",
                        environment: home.environment.merging(settings) { $1 }
                    ).result()
                    #expect(result.status == 4)
                    #expect(!(result.output + result.errors).contains("verysecret"))
                }
                try Self.expectNoSecret(below: home.directory)
            }
        }
    }

    /// No file holds the key as it is.
    private static func expectNoSecret(below directory: String) throws {
        let files = FileManager.default.enumerator(atPath: directory)
        while let name = files?.nextObject() as? String {
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else { continue }
            #expect(data.range(of: Data(Self.secret.utf8)) == nil, "\(name)")
        }
    }
}
