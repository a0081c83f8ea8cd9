import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Accounts through the real programs: an operator's variables, a browser, and ss-cli.
    @Suite struct AccountTests {
        @Test func theCommandLineIsLetInByABrowser() async throws {
            try await withScriptedUpstream(script: { request, _ in GitHubAccount.answer(request) }) { gitHub in
                try await withScratchDirectory { directory in
                    let environment = GitHubAccount.settings(gitHub).merging(["SS_DEMO": "1"]) { $1 }
                    try await ServerProcess.run(in: directory, environment: environment) { server in
                        let cookie = try await GitHubAccount.signIn(at: server)
                        try await withCLIHome { home in try await useCommandLine(home, server, cookie: cookie) }
                    }
                }
            }
        }

        /// Many uploads at once, on one node or two, never come to more than a guest may store.
        @Test func aGuestCannotFillTheDisk() async throws {
            try await withScratchDirectory { directory in
                let environment = [
                    "AUTH_MODE": "accounts", "PUBLIC_URL": "http://127.0.0.1", "SS_DEMO": "1",
                    "GUEST_STORED_BYTES": "100000",
                ]
                try await ServerProcess.run(in: directory, environment: environment) { server in
                    let same = ["Sec-Fetch-Site": "same-origin"]
                    let guest = try await server.http.send("POST", "/api/auth/anonymous", headers: same, json: [:])
                    let headers = same.merging(["Cookie": GitHubAccount.cookies(of: guest)]) { $1 }
                    let file = Array(repeating: UInt8(ascii: "a"), count: 30_000)
                    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                        for _ in 0..<12 {
                            let http = server.http
                            group.addTask {
                                try await http.send("POST", "/api/attachments", headers: headers, body: file).status
                            }
                        }
                        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                    }
                    #expect(statuses == [201: 3, 413: 9])
                    let usage = try await server.http.get("/api/usage", headers: headers).json["storage"]
                    #expect(usage == ["used": 90_000, "limit": 100_000])
                    // With PostgreSQL the bytes are in the database.
                    guard TestServices.given == nil else { return }
                    let blobs = try FileManager.default.subpathsOfDirectory(atPath: directory)
                        .filter { $0.contains("blobs/") }
                    #expect(blobs.count == 3, "\(blobs)")
                }
            }
        }

        private func useCommandLine(_ home: CLIHome, _ server: ServerProcess, cookie: String) async throws {
            let url = "http://127.0.0.1:\(server.port)"
            let refused = try await home.run("--server", url, "-m", "demo", "Hello")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("ss-cli login --server \(url)"))

            let login = try home.start("login", "--server", url)
            await login.errors.contains("with the code")
            let text = login.errors.text
            let code = text.firstRange(of: "?code=").map { String(text[$0.upperBound...].prefix(9)) } ?? ""
            let headers = ["Cookie": cookie, "Sec-Fetch-Site": "same-origin"]
            let decision = try await server.http.send(
                "POST", "/api/auth/device/decide", headers: headers,
                json: ["userCode": .string(code), "approve": true])
            #expect(decision.status == 204)
            #expect(try await login.result().status == 0)
            let file = "\(home.directory)/.config/simple-stream/tokens.json"
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let answer = try await home.run("--server", url, "-m", "demo", "Hello")
            #expect(answer.output == "Hello\n")
            let created = try await home.run("tokens", "create", "script", "--scopes", "read", "--server", url)
            let token = created.output.trimmingCharacters(in: .newlines)
            #expect(token.hasPrefix("sst_"))
            let list = try await home.run("tokens", "list", "--json", "--server", url)
            let tokens = try JSONValue(parsing: Array(list.output.utf8)).array ?? []
            #expect(tokens.compactMap { $0["name"]?.string } == ["script", "ss-cli"])
            let own = try await home.run("logs", "--server", url, set: ["SS_TOKEN": token])
            #expect(own.output.contains("Hello"))
            let revoked = try await home.run("tokens", "revoke", tokens[0]["id"]?.string ?? "", "--server", url)
            #expect(revoked.status == 0)
            #expect(try await home.run("logs", "--server", url, set: ["SS_TOKEN": token]).status == 4)

            #expect(try await home.run("logout", "--server", url).status == 0)
            #expect(try await home.run("logs", "--server", url).status == 3)
            let left = try await server.http.get("/api/tokens", headers: headers).json["items"]?.array
            #expect(left?.isEmpty == true)
        }

        /// One line, and nothing is started: for settings that contradict each other, too.
        @Test(arguments: [
            ("AUTH_MODE", ["SS_GUESTS": "0"]), ("PUBLIC_URL", ["HOST": "0.0.0.0"]),
            ("PUBLIC_URL", ["GITHUB_CLIENT_ID": "a", "GITHUB_CLIENT_SECRET": "b"]),
            ("GITHUB_CLIENT_SECRET", ["GITHUB_CLIENT_ID": "a"]),
            ("GITHUB_CLIENT_SECRET", ["GITHUB_CLIENT_SECRET": "a"]),
            ("GITHUB_BASE_URL", ["GITHUB_CLIENT_ID": "a", "GITHUB_CLIENT_SECRET": "b", "GITHUB_BASE_URL": "http://h"]),
            ("OIDC_ISSUER", ["OIDC_ISSUER": "http://elsewhere.example"]),
            ("OIDC_CLIENT_ID", ["OIDC_ISSUER": "https://id.example"]),
            ("SS_ADMINS", ["SS_ADMINS": "ann"]), ("SS_GUESTS", ["SS_GUESTS": "maybe"]),
        ])
        func badSettingStopsTheStart(variable: String, environment: [String: String]) async throws {
            try await withScratchDirectory { directory in
                let error = await #expect(throws: ServerProcess.NotStarted.self) {
                    try await ServerProcess.run(
                        in: directory, environment: ["AUTH_MODE": "accounts"].merging(environment) { $1 }
                    ) { _ in }
                }
                #expect(error?.status == 2)
                #expect(error?.complaint.hasPrefix("ss-server: \(variable): ") == true, "\(error?.complaint ?? "")")
                #expect(error?.complaint.split(separator: "\n").count == 1)
            }
        }
    }
}
