import ArgumentParser
import Logging
import ServiceLifecycle
import SimpleStreamComposition
import SimpleStreamCurl
import SimpleStreamKit
import SimpleStreamRedis
import SimpleStreamServer
import UnixSignals

/// Builds the server and runs it.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve until SIGTERM. This is what runs without a command.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await SSServer.run {
            let settings = try ServerSettings(options.variables())
            LoggingSystem.bootstrap { label -> any LogHandler in
                switch settings.logFormat {
                case .json: JSONLogHandler(label: label)
                case .text: StreamLogHandler.standardError(label: label)
                }
            }
            try await serve(settings)
        }
    }

    private func serve(_ settings: ServerSettings) async throws {
        var logger = Logger(label: "ss-server")
        logger.logLevel = settings.logLevel
        if let limit = OpenFiles.raiseLimit() {
            logger.debug("Files and sockets that may be open", metadata: ["ss.files.limit": "\(limit)"])
        }
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
        let server = try buildServer(
            configuration: settings.server, chat: chat, dependencies: dependencies, transport: try CurlTransport(),
            counters: chat.counters, logger: logger
        ) { port in
            Output.say("Simple Stream is at \(settings.server.url(port: port))")
        }
        try await Self.runUntilSignalled(server, logger: logger)
    }

    /// Shuts down gracefully at the first signal, at once at the second. SIGHUP reads the certificate again.
    private static func runUntilSignalled(_ server: StreamServer, logger: Logger) async throws {
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                var isFirst = true
                for await signal in signals {
                    guard signal != .sighup else {
                        reloadCertificate(of: server, logger: logger)
                        continue
                    }
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

    private static func reloadCertificate(of server: StreamServer, logger: Logger) {
        do {
            try server.reloadCertificate()
            logger.notice("The certificate was read again")
        } catch {
            logger.error("The certificate stays as it was", metadata: ["error": "\(error)"])
        }
    }
}
