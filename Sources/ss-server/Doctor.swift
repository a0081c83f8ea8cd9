import Logging
import SimpleStreamComposition
import SimpleStreamCurl
import SimpleStreamKit
import SimpleStreamPostgres
import SimpleStreamRedis
import SimpleStreamSQLite
import SimpleStreamServer

/// Examines what a server needs, one thing after the other.
struct Doctor {
    /// What was found out about one thing.
    struct Finding {
        enum State: String {
            case ok, warn, fail
        }

        let state: State
        let subject: String
        /// What is so, and what to do when it should not be.
        let text: String

        var line: String {
            let state = state.rawValue + String(repeating: " ", count: 4 - state.rawValue.count)
            return "\(state)  \(subject): \(text)"
        }
    }

    private let settings: ServerSettings
    private let tell: (Finding) -> Void
    private(set) var hasFailed = false

    init(settings: ServerSettings, tell: @escaping (Finding) -> Void) {
        self.settings = settings
        self.tell = tell
    }

    mutating func examine() async throws {
        found(.ok, "configuration", "can be used; `ss-server config` prints it")
        examineAccess()
        examineOpenFiles()
        examineCertificate()
        await examineDatabase()
        await examineRedis()
        try await examineProviders()
        await examinePublicURL()
    }

    private mutating func found(_ state: Finding.State, _ subject: String, _ text: String) {
        if state == .fail { hasFailed = true }
        tell(Finding(state: state, subject: subject, text: text))
    }

    // MARK: Server

    private mutating func examineAccess() {
        let server = settings.server
        if server.tls == nil, server.publicURL?.hasPrefix("http://") == true {
            found(
                .warn, "PUBLIC_URL",
                "is not https: passwords and keys cross the network readable. Use TLS_CERT or a proxy")
        }
        if server.tls == nil, server.publicURL?.hasPrefix("https://") == true, server.trustedProxies.isEmpty {
            found(
                .warn, "TRUSTED_PROXIES",
                "is empty, but PUBLIC_URL names a proxy: all users count as one address. Set it to the proxy's address")
        }
    }

    private mutating func examineOpenFiles() {
        // As serving does.
        guard let limit = OpenFiles.raiseLimit() else { return }
        if limit < OpenFiles.few {
            found(
                .warn, "open files",
                "at most \(limit), and each client takes one. Raise the hard limit: LimitNOFILE of the unit, ulimit -Hn"
            )
        } else {
            found(.ok, "open files", "at most \(limit)")
        }
    }

    private mutating func examineCertificate() {
        guard let files = settings.server.tls else { return }
        do throws(TLSIdentity.Problem) {
            let days = try TLSIdentity.daysLeft(of: files)
            if days < 0 {
                found(.fail, "TLS_CERT", "ran out \(-days) days ago. Renew it, then send the server SIGHUP")
            } else if days < 14 {
                found(.warn, "TLS_CERT", "runs out in \(days) days. Renew it, then send the server SIGHUP")
            } else {
                found(.ok, "TLS_CERT", "is good for \(days) days")
            }
        } catch {
            found(.fail, error.isKey ? "TLS_KEY" : "TLS_CERT", "\(error). Name PEM files that belong together")
        }
    }

    // MARK: Storage

    private mutating func examineDatabase() async {
        do {
            let (version, newest) = try await schema()
            guard let version else {
                return found(.ok, "DATABASE_URL", "the tables are made at the first start")
            }
            guard version == newest else {
                return found(
                    .warn, "DATABASE_URL",
                    "has schema version \(version); the next start brings it to \(newest). Have a backup")
            }
            found(.ok, "DATABASE_URL", "\(settings.engine.database.name) can be used, schema version \(version)")
            await examineVault()
        } catch let error as ChatError {
            found(.fail, "DATABASE_URL", advised(error))
        } catch {
            found(.fail, "DATABASE_URL", "\(error)")
        }
    }

    /// What is wrong with the database, and what to do.
    private func advised(_ error: ChatError) -> String {
        let detail = error.detail.map { " (\($0.replacing("\n", with: " ")))" } ?? ""
        // A message of two sentences says itself what to do.
        guard !error.message.contains(". ") else { return error.message + detail }
        let advice =
            settings.engine.database.path == nil
            ? "Check host, port, user, password and sslmode" : "Check the path, its owner and the disk's space"
        return "\(error.message)\(detail) \(advice)"
    }

    /// The schema's version, nil before the first start, and the one of this program.
    private func schema() async throws -> (version: Int?, newest: Int) {
        switch settings.engine.database.kind {
        case .sqlite(let path):
            let report = try await SQLiteStore.inspect(path: path)
            return (report.version, report.newest)
        case .postgres(let configuration):
            let report = try await PostgresStore.inspect(configuration)
            return (report.version, report.newest)
        }
    }

    private mutating func examineVault() async {
        do {
            var logger = Logger(label: "ss-server")
            logger.logLevel = .critical
            // Opening the engine looks at what was sealed with the keyring.
            _ = try await settings.engine.makeChatService(role: .tool, logger: logger)
            found(.ok, "ENCRYPTION_KEY", "opens what was sealed with it")
        } catch let error as ConfigurationError {
            found(.fail, error.variable, "\(error.problem) Give \(error.accepted)")
        } catch {
            found(.fail, "ENCRYPTION_KEY", "\(error)")
        }
    }

    private mutating func examineRedis() async {
        var logger = Logger(label: "ss-server")
        logger.logLevel = .critical
        guard let client = settings.engine.makeRedisClient(logger: logger) else { return }
        var problem = RedisError(.unavailable, "Redis was not asked.")
        // A slow network gets a few tries.
        for _ in 0..<5 where problem.code != .refused {
            do throws(RedisError) {
                try await client.probe()
                return found(.ok, "REDIS_URL", "answers")
            } catch {
                problem = error
            }
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: .milliseconds(200))
        }
        found(.fail, "REDIS_URL", "\(problem.message) \(Self.advice(on: problem))")
    }

    private static func advice(on problem: RedisError) -> String {
        switch problem.code {
        case .refused where problem.word == "READONLY": "Name the master, or the sentinels that know it"
        case .refused: "Check the user and the password, and the number of the database"
        default: "Check host and port, and whether TLS is spoken there: rediss:// and the REDIS_TLS_ variables"
        }
    }

    // MARK: Providers

    private mutating func examineProviders() async throws {
        let (providers, credentials) = settings.engine.makeProviders(transport: try CurlTransport())
        var usable = 0
        for provider in providers {
            guard let credential = credentials[provider.name] else { continue }
            let verdict = await provider.verdict(on: credential)
            if verdict.code == .valid { usable += 1 }
            judge(verdict, on: provider.name, isConfigured: credential.key != nil || provider.name != "local")
        }
        if usable == 0 {
            found(.warn, "providers", "none can be used: set a key such as OPENAI_API_KEY, or start a model server")
        }
    }

    private mutating func judge(_ verdict: KeyVerdict, on name: String, isConfigured: Bool) {
        let subject = "provider \(name)"
        switch verdict.code {
        case .valid: found(.ok, subject, "answers and takes the key")
        case .rateLimited: found(.warn, subject, "\(verdict.message) Try again later")
        case .unreachable where !isConfigured: found(.ok, subject, "no model server runs on this machine")
        case .unreachable:
            found(
                .fail, subject,
                "\(verdict.message) Check its base URL, the network, https_proxy and, for a CA of your own, caFile")
        case .exhausted: found(.fail, subject, "\(verdict.message) Add credit or another key")
        case .wrongEndpoint: found(.fail, subject, "\(verdict.message) Check its base URL")
        default: found(.fail, subject, "\(verdict.message) Check the key")
        }
    }

    // MARK: The way in

    private mutating func examinePublicURL() async {
        guard let url = settings.server.publicURL else { return }
        switch await WebSocketProbe.open(url) {
        case .opened: found(.ok, "PUBLIC_URL", "opens WebSockets")
        case .refused(let status):
            found(
                .fail, "PUBLIC_URL",
                "answers a WebSocket with status \(status). The proxy must pass Upgrade, Connection, Host and Origin on"
            )
        case .unreachable(let problem):
            found(.warn, "PUBLIC_URL", "\(problem). Is the server running, and does the proxy know it?")
        }
    }
}
