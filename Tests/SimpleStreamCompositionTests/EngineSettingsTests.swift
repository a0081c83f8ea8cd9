import SimpleStreamKit
import SimpleStreamRedis
import Testing

@testable import SimpleStreamComposition

@Suite struct EngineSettingsTests {
    private func settings(_ variables: [String: String]) throws -> EngineSettings {
        try EngineSettings(Variables(variables, ["HOME": "/home/someone"]))
    }

    private func refusal(_ variables: [String: String]) -> ConfigurationError? {
        do {
            _ = try settings(variables)
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test func nothingSetIsFine() throws {
        let settings = try settings([:])
        #expect(settings.database.path == "/home/someone/.local/share/simple-stream/simple-stream.sqlite")
        #expect(settings.accounts.isEmpty)
        #expect(settings.localBaseURL == nil)
        #expect(settings.makesTitles)
        #expect(!settings.offersDemo)
    }

    @Test(arguments: [
        ("sqlite:/var/lib/x.db", "/var/lib/x.db"), ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
        ("sqlite:x.db", "x.db"), ("sqlite:~/x.db", "/home/someone/x.db"),
    ])
    func databasePath(url: String, path: String) throws {
        #expect(try settings(["DATABASE_URL": url]).database.path == path)
    }

    @Test func redisIsOptional() throws {
        #expect(try settings([:]).redis == nil)
        let redis = try settings(["REDIS_URL": "redis://:hunter2@db/1"]).redis
        #expect(redis?.password?.reveal() == "hunter2" && redis?.database == 1)
        let bad = refusal(["REDIS_URL": "rediss://db", "REDIS_TLS_CA": "/no/such/file"])
        #expect(bad?.variable == "REDIS_TLS_CA")
        #expect(refusal(["REDIS_URL": "rediss://db", "REDIS_TLS_CERT": "/no/such/file"])?.variable == "REDIS_TLS_KEY")
    }

    @Test func databaseDirectory() throws {
        #expect(try settings(["DATABASE_URL": "sqlite:x.db"]).database.directory == ".")
        #expect(try settings(["DATABASE_URL": "sqlite:/x.db"]).database.directory == "/")
        #expect(try settings(["XDG_DATA_HOME": "/data"]).database.directory == "/data/simple-stream")
    }

    @Test(arguments: [
        ("DATABASE_URL", "postgres://user:hunter2@db/x"), ("DATABASE_URL", "postgres://user:hunter2@%zz/x"),
        ("DATABASE_URL", "postgres://user:hunter2@localhost/x?sslmode=verify-full&hunter2=1"),
        ("DATABASE_URL", "mysql://user:hunter2@db/x"),
        ("DATABASE_URL", "sqlite:"), ("ENCRYPTION_KEY", "hunter2"), ("ENCRYPTION_KEY", "a:hunter2,b:hunter2"),
        ("OPENAI_BASE_URL", "http://gateway.example/v1"), ("OPENAI_BASE_URL", "https://user:hunter2@host/v1"),
        ("OPENAI_API_KEY", "hunter2 hunter2"), ("LOCAL_BASE_URL", "localhost:8080"), ("SS_TITLES", "often"),
        ("REDIS_URL", "redis://hunter2@db"), ("REDIS_URL", "http://:hunter2@db"),
        ("REDIS_URL", "redis://:hunter2@db/x"),
        ("REDIS_TLS_CA", "/no/such/file"), ("REDIS_TLS_KEY", "hunter2"),
        ("SS_DEMO", "maybe"), ("SS_PROVIDERS", "{}"), ("SS_PROVIDERS", "[1]"), ("SS_PROVIDERS", "/no/such/file"),
        ("SS_PROVIDERS", #"[{"name": "Acme", "wire": "openai-chat", "baseURL": "https://a.example"}]"#),
        ("SS_PROVIDERS", #"[{"name": "acme", "wire": "soap", "baseURL": "https://a.example"}]"#),
        ("SS_PROVIDERS", #"[{"name": "acme", "wire": "openai-chat", "baseURL": "ftp://a.example"}]"#),
        ("SS_PROVIDERS", #"[{"name": "acme", "wire": "openai-chat"}]"#),
        ("SS_PROVIDERS", #"[{"name": "openai", "wire": "openai-chat", "baseURL": "https://a.example"}]"#),
        (
            "SS_PROVIDERS",
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example", "apikey": "hunter2"}]"#
        ),
        (
            "SS_PROVIDERS",
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "http://a.example/v1", "apiKey": "hunter2"}]"#
        ),
        ("SS_PROVIDERS", #"[{"name": "acme", "wire": "openai-chat", "baseURL": "http://127.0.0.1.a.example/v1"}]"#),
        (
            "SS_PROVIDERS",
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example", "timeouts": {"idle": 0}}]"#
        ),
        (
            "SS_PROVIDERS",
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example", "timeouts": {"read": 5}}]"#
        ),
        ("SS_PROVIDERS", #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example", "timeouts": 5}]"#),
        (
            "SS_PROVIDERS",
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example", "proxy": "nonsense://u:hunter2@b:1"}]"#
        ),
    ])
    func badValueIsToldInOneLine(variable: String, value: String) throws {
        let error = try #require(refusal([variable: value]))
        #expect(error.variable == variable)
        #expect(!error.description.contains("hunter2"))
        #expect(!error.description.contains("\n"))
        #expect(error.description.hasPrefix(variable + ": "))
    }

    private func proxy(_ proxy: String) throws -> String? {
        let json =
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example/v1", "proxy": "\#(proxy)"}]"#
        return try settings(["SS_PROVIDERS": json]).customProviders.first?.description.transport.proxy
    }

    @Test(arguments: [
        "", "http://proxy.example:3128", "https://proxy.example", "socks5h://[::1]:1080", "HTTP://10.0.0.1:80/",
        "http://user:p@ss://word@proxy.example:3128",
    ])
    func proxyIsTaken(text: String) throws { #expect(try proxy(text) == text) }

    @Test(arguments: [
        "nonsense://proxy:1", "proxy.example:3128", "http://", "http://:3128", "http://proxy:0", "http://proxy:65536",
        "http://proxy:x", "http://proxy/path", "http://a b", "ftp://proxy", "://proxy", "http:proxy", "socks5://[::1",
    ])
    func proxyIsRefused(text: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try proxy(text) }
        #expect(error?.description.contains("proxy must be http://host:port") == true)
    }

    @Test func theDirectorysVariableIsBlamed() throws {
        let variables: [([String: String], String)] = [
            ([:], "SS_DATA_DIR"), (["SS_DATA_DIR": "/a"], "SS_DATA_DIR"),
            (["DATABASE_URL": "sqlite:/a/b.db"], "DATABASE_URL"),
            (["DATABASE_URL": "sqlite:/a/b.db", "SS_DATA_DIR": "/c"], "SS_DATA_DIR"),
        ]
        for (set, variable) in variables { #expect(try settings(set).database.directoryVariable == variable) }
    }

    @Test func postgresNeedsAKeyAndHasADirectory() throws {
        let url = "postgres://someone@localhost/chat"
        #expect(refusal(["DATABASE_URL": url])?.variable == "ENCRYPTION_KEY")
        let key = String(repeating: "ab", count: 32)
        let settings = try settings(["DATABASE_URL": url, "ENCRYPTION_KEY": key])
        #expect(settings.database.path == nil)
        #expect(settings.database.directory == "/home/someone/.local/share/simple-stream")
        let elsewhere = try self.settings(["DATABASE_URL": url, "ENCRYPTION_KEY": key, "SS_DATA_DIR": "~/node-1"])
        #expect(elsewhere.database.directory == "/home/someone/node-1")
        #expect(
            refusal(["DATABASE_URL": url, "ENCRYPTION_KEY": key, "DATABASE_CONNECTIONS": "0"])?.variable
                == "DATABASE_CONNECTIONS")
    }

    @Test func theDataDirectoryHoldsTheFile() throws {
        #expect(try settings(["SS_DATA_DIR": "/data"]).database.path == "/data/simple-stream.sqlite")
        let apart = try settings(["SS_DATA_DIR": "/data", "DATABASE_URL": "sqlite:/files/x.db"]).database
        #expect([apart.path, apart.directory] == ["/files/x.db", "/data"])
    }

    @Test func whatUsersMayStoreHasALimitWithAccounts() throws {
        func stored(_ variables: [String: String]) throws -> [Int?] {
            let sizes = try LimitSettings(Variables(variables)).sizes
            return [sizes.storedBytes(isGuest: false), sizes.storedBytes(isGuest: true)]
        }
        #expect(try stored([:]) == [nil, nil])
        #expect(try stored(["AUTH_MODE": "accounts"]) == [1 << 30, 100 << 20])
        #expect(try stored(["MAX_STORED_BYTES_PER_USER": "5000"]) == [5_000, 5_000])
        let own = ["AUTH_MODE": "accounts", "MAX_STORED_BYTES_PER_USER": "off", "GUEST_STORED_BYTES": "0"]
        #expect(try stored(own) == [nil, 0])
        #expect(refusal(["GUEST_STORED_BYTES": "1 GiB"])?.variable == "GUEST_STORED_BYTES")
    }

    @Test func layersDecideInOrder() {
        let variables = Variables(["A": "flag"], ["A": "environment", "B": " x "], ["B": "file", "C": ""])
        #expect(variables["A"] == "flag")
        #expect(variables["B"] == "x")
        #expect(variables["C"] == nil)
    }

    @Test func localBaseURLGetsTheUsualPath() throws {
        #expect(try settings(["LOCAL_BASE_URL": "http://box:9000"]).localBaseURL == "http://box:9000/v1")
        #expect(try settings(["LOCAL_BASE_URL": "http://box:9000/api/"]).localBaseURL == "http://box:9000/api")
        // A key that was saved before goes to no other machine.
        let (providers, credentials) = try settings(["LOCAL_BASE_URL": "http://box:9000"])
            .makeProviders(transport: NoTransport())
        let local = try #require(providers.first { $0.name == "local" } as? HTTPChatProvider)
        #expect(local.operatorBaseURL == "http://box:9000/v1")
        #expect(local.description.baseURL == ProviderDescription.local.baseURL)
        #expect(credentials["local"]?.baseURL == "http://box:9000/v1")
    }

    @Test func operatorKeyGoesOnlyToTheOperatorsURL() throws {
        let settings = try settings(["OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"])
        let (providers, credentials) = settings.makeProviders(transport: NoTransport())
        #expect(credentials["openai"]?.baseURL == "http://127.0.0.1:9/v1")
        #expect(credentials["openai"]?.key?.reveal() == "sk-secret")
        #expect(credentials["xai"] == nil)
        let openAI = try #require(providers.first { $0.name == "openai" } as? HTTPChatProvider)
        #expect(openAI.description.baseURL == "https://api.openai.com/v1")
        // From now on users' keys are saved for that place, too, and no less trust goes with it.
        #expect(openAI.operatorBaseURL == "http://127.0.0.1:9/v1")
        #expect(providers.first { $0.name == "xai" }?.operatorBaseURL == nil)
    }

    @Test func customProvidersAreOffered() async throws {
        let json =
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example/v1", "apiKey": "k", "#
            + #""models": ["one", "two"], "headers": {"x-team": "a"}}]"#
        let settings = try settings(["SS_PROVIDERS": json, "SS_DEMO": "1"])
        let (providers, credentials) = settings.makeProviders(transport: NoTransport())
        #expect(providers.suffix(3).map(\.name) == ["acme", "local", "demo"])
        #expect(credentials["acme"]?.key?.reveal() == "k")
        let acme = try #require(providers.first { $0.name == "acme" })
        #expect(try await acme.models(for: .none).map(\.id) == ["one", "two"])
    }

    @Test func plainHTTPIsForThisMachineOrAllowed() throws {
        for host in ["127.0.0.1:9", "localhost:9", "[::1]:9"] {
            let json = #"[{"name": "acme", "wire": "openai-chat", "baseURL": "http://\#(host)/v1"}]"#
            #expect(
                try settings(["SS_PROVIDERS": json]).customProviders.first?.description.transport.allowsPlainHTTP
                    == true)
        }
        let json =
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "http://a.example/v1", "allowPlainHTTP": true}]"#
        #expect(
            try settings(["SS_PROVIDERS": json]).customProviders.first?.description.transport.allowsPlainHTTP == true)
    }

    @Test func timeoutsOfCustomProvidersHold() throws {
        let json =
            #"[{"name": "acme", "wire": "openai-chat", "baseURL": "https://a.example/v1", "#
            + #""timeouts": {"connect": 2.5, "firstEvent": 900, "idle": 30}}, "#
            + #"{"name": "usual", "wire": "openai-chat", "baseURL": "https://b.example/v1"}]"#
        let providers = try settings(["SS_PROVIDERS": json]).customProviders
        let acme = try #require(providers.first)
        #expect(acme.description.transport.connectTimeout == .milliseconds(2500))
        #expect(acme.description.transport.firstByteTimeout == .seconds(900))
        #expect(acme.description.transport.idleTimeout == .seconds(30))
        #expect(acme.patience == ChatConfiguration.Patience(firstEvent: .seconds(900), idle: .seconds(30)))
        #expect(providers.last?.patience == nil)
    }
}
