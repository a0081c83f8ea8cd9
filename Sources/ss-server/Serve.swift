import ArgumentParser
import Logging
import NIOCore
import ServiceLifecycle
import SimpleStreamComposition
import SimpleStreamCurl
import SimpleStreamKit
import SimpleStreamRedis
import SimpleStreamServer
import UnixSignals

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads flags, environment and file, builds the server and runs it. Nothing else here reads any of the three.
@main
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ss-server",
        abstract: "Serve durable AI chat: web page, WebSocket and REST.",
        discussion: """
            Every option is also an environment variable: --database-url is DATABASE_URL. Flags win over the \
            environment, which wins over the file of --config. Keys are not taken from flags, where other users of the \
            machine can read them: --openai-api-key-file names a file with the key, OPENAI_API_KEY is the key itself.
            """,
        version: ServerVersion.current
    )

    @Option(help: "A JSON file of settings, such as {\"PORT\": 4000}.")
    var config: String?
    @Option(help: "The address to listen on. Default 127.0.0.1.")
    var host: String?
    @Option(help: "The port to listen on; 0 takes a free one. Default 4000.")
    var port: String?
    @Option(help: "sqlite:<path>. Default in the user's data directory.")
    var databaseUrl: String?
    @Option(help: "redis://host:port connects several servers. One with a password belongs into REDIS_URL.")
    var redisUrl: String?
    @Option(help: "A PEM file with the authorities Redis' certificate must come from. Default: the system's.")
    var redisTlsCa: String?
    @Option(help: "A PEM file with the certificate Redis asks for.")
    var redisTlsCert: String?
    @Option(help: "A PEM file with the key of that certificate.")
    var redisTlsKey: String?
    @Option(help: "local: one user, this machine only; accounts: users sign in. Default local.")
    var authMode: String?
    @Option(help: "The id of the application users sign in to GitHub with.")
    var githubClientId: String?
    @Option(help: "A file with that application's secret.")
    var githubClientSecretFile: String?
    @Option(help: ArgumentHelp("Where GitHub Enterprise is.", visibility: .hidden))
    var githubBaseUrl: String?
    @Option(help: ArgumentHelp("Where GitHub Enterprise's API is.", visibility: .hidden))
    var githubApiUrl: String?
    @Option(help: "An OpenID Connect issuer users sign in with.")
    var oidcIssuer: String?
    @Option(help: "This server's client id there.")
    var oidcClientId: String?
    @Option(help: "A file with that client's secret.")
    var oidcClientSecretFile: String?
    @Option(help: "What the button for the issuer says. Default its host.")
    var oidcName: String?
    @Option(help: "0 lets nobody try the server without signing in. Default 1.")
    var ssGuests: String?
    @Option(help: "Who sees how the server does: github:<number> or oidc:<subject>, separated by commas.")
    var ssAdmins: String?
    @Option(help: "Where users reach the server when that is another address.")
    var publicUrl: String?
    @Option(help: "Origins whose pages may use the server, separated by commas.")
    var allowedOrigins: String?
    @Option(help: "A JSON array of providers, or a path to one.")
    var ssProviders: String?
    @Option(help: "An OpenAI-compatible server. Default: whatever is found at the usual ports of this machine.")
    var localBaseUrl: String?
    @Option(help: "auto or off: whether a cheap model names conversations. Default auto.")
    var ssTitles: String?
    @Option(help: "1 offers demo/echo, which needs no model. Default 0.")
    var ssDemo: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default info.")
    var logLevel: String?
    @Option(help: "text or json. Default text.")
    var logFormat: String?
    @Option(help: "How long answers may go on after SIGTERM. Default 30.")
    var drainSeconds: String?
    @Option(help: ArgumentHelp("Where OpenAI's API is.", visibility: .hidden))
    var openaiBaseUrl: String?
    @Option(help: ArgumentHelp("Where Anthropic's API is.", visibility: .hidden))
    var anthropicBaseUrl: String?
    @Option(help: ArgumentHelp("Where Gemini's API is.", visibility: .hidden))
    var geminiBaseUrl: String?
    @Option(help: ArgumentHelp("Where xAI's API is.", visibility: .hidden))
    var xaiBaseUrl: String?
    @Option(help: ArgumentHelp("Where Meta's API is.", visibility: .hidden))
    var metaBaseUrl: String?
    @Option(help: ArgumentHelp("Where Vercel's gateway is.", visibility: .hidden))
    var vercelBaseUrl: String?
    @Option(help: "A file with the key or keyring that seals users' keys.")
    var encryptionKeyFile: String?
    @Option(help: "A file with the key for OpenAI.")
    var openaiApiKeyFile: String?
    @Option(help: "A file with the key for Anthropic.")
    var anthropicApiKeyFile: String?
    @Option(help: "A file with the key for Gemini.")
    var geminiApiKeyFile: String?
    @Option(help: "A file with the key for xAI.")
    var xaiApiKeyFile: String?
    @Option(help: "A file with the key for Meta.")
    var metaApiKeyFile: String?
    @Option(help: "A file with the key for Vercel's gateway.")
    var aiGatewayApiKeyFile: String?
    @Option(help: "A file with the key for the local server.")
    var localApiKeyFile: String?

    static func main() async {
        do {
            let command = try parse()
            try await command.run()
        } catch  where exitCode(for: error) == .validationFailure {
            let problem = message(for: error).replacing("\n", with: " ")
            Output.complain("ss-server: \(problem); accepted: what --help lists.")
            exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }

    func run() async throws {
        do throws {
            let settings = try ServerSettings(variables())
            LoggingSystem.bootstrap { label -> any LogHandler in
                switch settings.logFormat {
                case .json: JSONLogHandler(label: label)
                case .text: StreamLogHandler.standardError(label: label)
                }
            }
            try await serve(settings)
        } catch let error as ConfigurationError {
            Output.complain("ss-server: \(error)")
            throw ExitCode(2)
        } catch let error as ChatError {
            Output.complain("ss-server: " + (error.detail.map { "\(error.message) (\($0))" } ?? error.message))
            throw ExitCode.failure
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            Output.complain("ss-server: PORT: another program has it; accepted: a port that is free, or 0 for any.")
            throw ExitCode(2)
        } catch {
            Output.complain("ss-server: the server stopped: \(error)")
            throw ExitCode.failure
        }
    }

    private func serve(_ settings: ServerSettings) async throws {
        var logger = Logger(label: "ss-server")
        logger.logLevel = settings.logLevel
        let redis = settings.engine.makeRedisClient(logger: logger)
        let chat = try await settings.engine.makeChatService(role: .server, redis: redis, logger: logger)
        var dependencies: [ServerDependency] = []
        if let redis {
            dependencies.append(
                ServerDependency("redis") {
                    redis.isUp
                } run: {
                    await redis.run()
                })
        }
        let counters: any Counters = if let redis { RedisCounters(redis) } else { InProcessCounters() }
        let server = try buildServer(
            configuration: settings.server, chat: chat, dependencies: dependencies, transport: try CurlTransport(),
            counters: counters, logger: logger
        ) { port in
            Output.say("Simple Stream is at \(settings.server.url(port: port))")
        }
        try await Self.runUntilSignalled(server, logger: logger)
    }

    /// Shuts down gracefully at the first signal, at once at the second.
    private static func runUntilSignalled(_ server: StreamServer, logger: Logger) async throws {
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                var isFirst = true
                for await signal in signals {
                    guard isFirst else { Output.exitNow(signal == .sigint ? 130 : 143) }
                    isFirst = false
                    await group.triggerGracefulShutdown()
                }
            }
            tasks.addTask { try await group.run() }
            // The signals never end by themselves.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    // MARK: Variables

    private func variables() throws(ConfigurationError) -> Variables {
        let environment = ProcessInfo.processInfo.environment
        return Variables(try flags(), environment, try file(environment["SS_CONFIG"]))
    }

    private func flags() throws(ConfigurationError) -> [String: String] {
        let values: [String: String?] = [
            "HOST": host, "PORT": port, "DATABASE_URL": databaseUrl, "REDIS_URL": redisUrl, "AUTH_MODE": authMode,
            "REDIS_TLS_CA": redisTlsCa, "REDIS_TLS_CERT": redisTlsCert, "REDIS_TLS_KEY": redisTlsKey,
            "PUBLIC_URL": publicUrl, "ALLOWED_ORIGINS": allowedOrigins, "SS_PROVIDERS": ssProviders,
            "LOCAL_BASE_URL": localBaseUrl, "SS_TITLES": ssTitles, "SS_DEMO": ssDemo, "LOG_LEVEL": logLevel,
            "LOG_FORMAT": logFormat, "DRAIN_SECONDS": drainSeconds, "OPENAI_BASE_URL": openaiBaseUrl,
            "ANTHROPIC_BASE_URL": anthropicBaseUrl, "GEMINI_BASE_URL": geminiBaseUrl, "XAI_BASE_URL": xaiBaseUrl,
            "META_BASE_URL": metaBaseUrl, "VERCEL_BASE_URL": vercelBaseUrl, "GITHUB_CLIENT_ID": githubClientId,
            "GITHUB_BASE_URL": githubBaseUrl, "GITHUB_API_URL": githubApiUrl, "OIDC_ISSUER": oidcIssuer,
            "OIDC_CLIENT_ID": oidcClientId, "OIDC_NAME": oidcName, "SS_GUESTS": ssGuests, "SS_ADMINS": ssAdmins,
        ]
        var flags = values.compactMapValues(\.self)
        let files: [String: String?] = [
            "ENCRYPTION_KEY": encryptionKeyFile, "OPENAI_API_KEY": openaiApiKeyFile,
            "ANTHROPIC_API_KEY": anthropicApiKeyFile, "GEMINI_API_KEY": geminiApiKeyFile,
            "XAI_API_KEY": xaiApiKeyFile, "META_API_KEY": metaApiKeyFile, "AI_GATEWAY_API_KEY": aiGatewayApiKeyFile,
            "LOCAL_API_KEY": localApiKeyFile, "GITHUB_CLIENT_SECRET": githubClientSecretFile,
            "OIDC_CLIENT_SECRET": oidcClientSecretFile,
        ]
        for (name, path) in files.compactMapValues(\.self) {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
                throw ConfigurationError(name, "the file \(path) cannot be read", accepted: "a readable file")
            }
            flags[name] = String(decoding: data, as: UTF8.self)
        }
        return flags
    }

    /// The settings of a file: an object with the variables' names as keys.
    private func file(_ fallback: String?) throws(ConfigurationError) -> [String: String] {
        guard let path = config ?? fallback else { return [:] }
        let accepted = "a JSON object with variables' names as keys"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ConfigurationError("--config", "\(path) cannot be read", accepted: "a readable file")
        }
        guard let object = (try? JSONValue(parsing: Array(data)))?.object else {
            throw ConfigurationError("--config", "\(path) is not a JSON object", accepted: accepted)
        }
        var values: [String: String] = [:]
        for member in object.members {
            guard ServerSettings.variables.contains(member.key) else {
                throw ConfigurationError("--config", "\(path) has the unknown key \(member.key)", accepted: accepted)
            }
            values[member.key] = member.value.string ?? member.value.text
        }
        return values
    }
}
