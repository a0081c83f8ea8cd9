import Foundation
import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// What an operator asks `ss-server` besides serving.
    @Suite struct OperatorTests {
        private static let key = String(repeating: "a1", count: 32)
        private static let other = String(repeating: "b2", count: 32)

        // MARK: Configuration

        @Test func configurationIsPrintedWithoutSecrets() async throws {
            try await withScratchDirectory { directory in
                let environment = [
                    "OPENAI_API_KEY": "sk-planted-openai", "ENCRYPTION_KEY": "new:\(Self.key),old:\(Self.other)",
                    "SS_PROVIDERS":
                        #"[{"name":"acme","wire":"openai-chat","baseURL":"https://a.example/v1","apiKey":"sk-planted-acme"}]"#,
                    "FREE_MESSAGES_PER_DAY": "7", "PUBLIC_URL": "https://chat.example", "GUEST_STORED_BYTES": "5000",
                ]
                let (status, output, complaints) = try await ServerProcess.output(
                    in: directory, environment: environment, arguments: ["config", "--port", "4321"])
                #expect(status == 0)
                #expect(complaints.isEmpty)
                let lines = Set(output.split(separator: "\n").map(String.init))
                for line in [
                    "PORT=4321", "OPENAI_API_KEY=********", "SS_PROVIDERS=********",
                    "ENCRYPTION_KEY=new:********,old:********", "FREE_MESSAGES_PER_DAY=7",
                    "PUBLIC_URL=https://chat.example", "# MAX_BODY_BYTES=2097152", "# SOCKETS_PER_USER=4096",
                    "GUEST_STORED_BYTES=5000", "# MAX_STORED_BYTES_PER_USER=off",
                    "# CONNECTIONS_PER_ADDRESS=off", "# SOCKET_BYTES_PER_SECOND=1048576",
                ] {
                    #expect(lines.contains(line), "\(line)")
                }
                for secret in ["planted", Self.key, Self.other] { #expect(!output.contains(secret)) }
                // Printing makes nothing.
                #expect(!FileManager.default.fileExists(atPath: "\(directory)/data"))
            }
        }

        @Test(arguments: [
            ["FREE_MESSAGES_PER_DAY": "many"], ["RUNS_PER_USER": "0"], ["TRUSTED_PROXIES": "proxy"],
            ["TLS_CERT": "/cert.pem"], ["TLS_KEY": "/key.pem"], ["MAX_BODY_BYTES": "1"],
            ["ALLOW_PRIVATE_NETWORKS": "10.0.0.0/99"], ["SOCKETS_PER_USER": "-1"],
            ["MAX_STORED_BYTES_PER_USER": "1 GiB"], ["GUEST_STORED_BYTES": "-1"], ["ENCRYPTION_KEY": "short"],
            ["CONNECTIONS_PER_ADDRESS": "0"], ["SOCKET_BYTES_PER_SECOND": "1"],
        ])
        func badSettingsAreNamed(environment: [String: String]) async throws {
            try await withScratchDirectory { directory in
                for command in ["config", "check", "serve"] {
                    let (status, output, complaints) = try await ServerProcess.output(
                        in: directory, environment: environment, arguments: [command])
                    #expect(status == 2, "\(command)")
                    #expect(output.isEmpty)
                    #expect(complaints.split(separator: "\n").count == 1)
                    #expect(environment.keys.contains { complaints.contains($0) } || complaints.contains("TLS_"))
                }
            }
        }

        // MARK: The doctor

        @Test func checkSaysWhatIsWrong() async throws {
            try await withScratchDirectory { directory in
                try await withScriptedUpstream(script: { _, _ in .json(status: 401) }) { upstream in
                    let environment = [
                        "OPENAI_API_KEY": "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz0123456789",
                        "OPENAI_BASE_URL": upstream.url + "/v1", "PUBLIC_URL": "http://127.0.0.1:9",
                    ]
                    let (status, output, _) = try await ServerProcess.output(
                        in: directory, environment: environment, arguments: ["check"])
                    #expect(status == 1)
                    let lines = output.split(separator: "\n")
                    #expect(lines.contains { $0.hasPrefix("ok    configuration:") })
                    #expect(lines.contains { $0.hasPrefix("ok    DATABASE_URL:") })
                    #expect(lines.contains { $0.hasPrefix("fail  provider openai:") })
                    #expect(lines.contains { $0.hasPrefix("warn  PUBLIC_URL: nothing answers") }, "\(output)")
                    #expect(!output.contains("sk-proj"))
                }
            }
        }

        /// The soft limit is what shells give; the hard one is what the process may take.
        @Test(arguments: [(soft: "-Sn 200", state: "ok    "), (soft: "-n 200", state: "warn  ")])
        func theLimitOfOpenFilesIsRaised(soft: String, state: String) async throws {
            try await withScratchDirectory { directory in
                var limits = rlimit()
                try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0)
                let most = state == "ok    " ? "\(limits.rlim_max)" : "200"
                let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
                    .deletingLastPathComponent().appendingPathComponent("ss-server").path
                let process = try ChildProcess(
                    ["-c", "ulimit \(soft); exec \"$0\" check", program], of: "/bin/sh",
                    environment: ["HOME": directory, "SS_DATA_DIR": "\(directory)/data", "SS_DEMO": "1"])
                let result = try await process.result()
                #expect(
                    result.lines.contains { $0.hasPrefix("\(state)open files: at most \(most)") }, "\(result.output)")
            }
        }

        @Test(arguments: [
            "postgres:///db?user=u&password=planted", "postgres:///db?%70assword=planted&user=u",
            "postgres://u:planted@127.0.0.1/db?sslpassword=planted",
        ])
        func passwordsInURLsAreNotPrinted(url: String) async throws {
            try await withScratchDirectory { directory in
                let environment = ["DATABASE_URL": url, "ENCRYPTION_KEY": Self.key]
                let (_, output, complaints) = try await ServerProcess.output(
                    in: directory, environment: environment, arguments: ["config"])
                #expect(!(output + complaints).contains("planted"))
                #expect((output + complaints).contains("DATABASE_URL"))
            }
        }

        @Test func checkFindsARunningServerInOrder() async throws {
            try await withScratchDirectory { directory in
                try await ServerProcess.run(in: directory, environment: ["SS_DEMO": "1"]) { server in
                    let environment = ["SS_DEMO": "1", "PUBLIC_URL": "http://127.0.0.1:\(server.port)"]
                    let (status, output, _) = try await ServerProcess.output(
                        in: directory, environment: environment, arguments: ["check"])
                    #expect(status == 0, "\(output)")
                    for text in [
                        "can be used, schema version", "ok    ENCRYPTION_KEY: opens",
                        "ok    provider demo:", "ok    PUBLIC_URL: opens WebSockets",
                    ] {
                        #expect(output.contains(text), "\(text)")
                    }
                }
            }
        }

        @Test func checkFindsADamagedDatabase() async throws {
            try await withScratchDirectory { directory in
                try FileManager.default.createDirectory(atPath: "\(directory)/data", withIntermediateDirectories: true)
                try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: "\(directory)/data/chat.sqlite"))
                let environment = ["DATABASE_URL": "sqlite:\(directory)/data/chat.sqlite"]
                let (status, output, _) = try await ServerProcess.output(
                    in: directory, environment: environment, arguments: ["check"])
                #expect(status == 1)
                #expect(output.contains("fail  DATABASE_URL:"))
            }
        }

        // MARK: Keys

        private func saveKey(_ text: String, on server: ServerProcess) async throws {
            let saved = try await server.http.send("PUT", "/api/keys/local", json: ["key": .string(text)])
            #expect(saved.status == 200, "\(saved.text)")
        }

        private func revealedKey(on server: ServerProcess) async throws -> JSONValue? {
            try await server.http.send(
                "POST", "/api/keys/local/reveal", headers: ["Sec-Fetch-Site": "same-origin"]
            ).json["key"]
        }

        @Test func aWrongKeyringStopsTheStart() async throws {
            try await withScratchDirectory { directory in
                let right = ["ENCRYPTION_KEY": Self.key]
                try await ServerProcess.run(in: directory, environment: right) { _ in }
                let error = await #expect(throws: ServerProcess.NotStarted.self) {
                    try await ServerProcess.run(in: directory, environment: ["ENCRYPTION_KEY": Self.other]) { _ in }
                }
                #expect(error?.status == 2)
                #expect(error?.complaint.hasPrefix("ss-server: ENCRYPTION_KEY: ") == true)
                #expect(error?.complaint.split(separator: "\n").count == 1)
                #expect(error?.complaint.contains(Self.other) == false)
                let check = try await ServerProcess.output(
                    in: directory, environment: ["ENCRYPTION_KEY": Self.other], arguments: ["check"])
                #expect(check.status == 1)
                #expect(check.output.contains("fail  ENCRYPTION_KEY:"))
                try await ServerProcess.run(in: directory, environment: right) { _ in }
            }
        }

        @Test func keysAreRotatedUnderARunningServer() async throws {
            try await withScratchDirectory { directory in
                let demo = ["SS_DEMO": "1"]
                let old = demo.merging(["ENCRYPTION_KEY": "old:\(Self.key)"]) { $1 }
                let both = demo.merging(["ENCRYPTION_KEY": "new:\(Self.other),old:\(Self.key)"]) { $1 }
                let new = demo.merging(["ENCRYPTION_KEY": "new:\(Self.other)"]) { $1 }
                try await ServerProcess.run(in: directory, environment: old) { server in
                    try await saveKey("sk-users-key-1234567", on: server)
                }
                try await ServerProcess.run(in: directory, environment: both) { server in
                    // Users go on saving and using keys meanwhile.
                    async let rotation = ServerProcess.output(
                        in: directory, environment: both, arguments: ["keys", "rotate"])
                    for index in 0..<20 { try await saveKey("sk-users-key-\(index)-abcdef", on: server) }
                    let (status, output, _) = try await rotation
                    #expect(status == 0)
                    #expect(output.contains("unreadable 0"))
                    #expect(try await revealedKey(on: server) == "sk-users-key-19-abcdef")
                    let again = try await ServerProcess.output(
                        in: directory, environment: both, arguments: ["keys", "rotate"])
                    #expect(again.output.contains("resealed 0, already current 1, unreadable 0"))
                }
                try await ServerProcess.run(in: directory, environment: new) { server in
                    let key = try await revealedKey(on: server)
                    #expect(key == "sk-users-key-19-abcdef")
                }
            }
        }

        @Test func keysOfTheOriginalAreTakenOver() async throws {
            try await withScratchDirectory { directory in
                let rows = "\(directory)/rows.json"
                let key = "\(directory)/key"
                try #"""
                [{"userId": "clx0001", "provider": "OPENAI", "label": "Mine", "isDefault": true,
                  "apiKey": "3f5ec4ff3211994242e40cf57425e78307c8da1c0295d01fa38eea",
                  "iv": "030a11181f262d343b424950575e656c", "authTag": "22388ed9f8a8f0100780e6661ee16bc7"},
                 {"userId": "clx0002", "provider": "OPENAI", "apiKey": "00", "iv": "00", "authTag": "00"}]
                """#.write(toFile: rows, atomically: true, encoding: .utf8)
                let digits = (0..<32).map { String($0, radix: 16) }.map { $0.count == 1 ? "0\($0)" : $0 }.joined()
                try "\(digits)\n".write(toFile: key, atomically: true, encoding: .utf8)
                let arguments = ["keys", "import", rows, "--original-key-file", key, "--user", "local"]
                let (status, output, complaints) = try await ServerProcess.output(in: directory, arguments: arguments)
                #expect(status == 1)
                #expect(output.contains("imported 1, already there 0, failed 1"))
                #expect(complaints.contains("row 2: iv"))
                #expect(!(output + complaints).contains("sk-proj-original"))
                try await ServerProcess.run(in: directory) { server in
                    let keys = try await server.http.get("/api/keys").json["items"]
                    #expect(keys?[0]?["provider"] == "openai")
                    #expect(keys?[0]?["last4"] == "6789")
                    let shown = try await server.http.send(
                        "POST", "/api/keys/openai/reveal", headers: ["Sec-Fetch-Site": "same-origin"])
                    #expect(shown.json["key"] == "sk-proj-original-0123456789")
                }
                let again = try await ServerProcess.output(in: directory, arguments: arguments)
                #expect(again.output.contains("imported 0, already there 1, failed 1"))
            }
        }
    }
}
