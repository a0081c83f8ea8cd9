import Logging
import ServiceLifecycle
import SimpleStreamCurl
import SimpleStreamKit
import SimpleStreamServer
import TestSupport

/// A whole server in this process, with a provider the test speaks for.
struct ChatServer: Sendable {
    let port: Int
    let chat: ChatService
    let provider: ScriptedProvider
    let server: StreamServer
    private let group: ServiceGroup

    var http: TestHTTP { TestHTTP(port: port) }

    private static let silence: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// Asks the server to end, as SIGTERM does.
    func shutDown() async { await group.triggerGracefulShutdown() }

    /// Opens a socket that has been greeted.
    func withSocket<R: Sendable>(
        receiveBuffer: Int? = nil, _ body: (inout TestWebSocket) async throws -> R
    ) async throws -> R {
        try await TestWebSocket.connect(to: port, receiveBuffer: receiveBuffer) { socket in
            _ = try await socket.next("session:ready")
            return try await body(&socket)
        }
    }

    /// Runs a server while `body` does, and shuts it down gracefully.
    static func run<R: Sendable>(
        store: any Store = InMemoryStore(),
        mailbox: Mailbox.Limits = Mailbox.Limits(),
        drainTime: Duration = .zero,
        access: ServerConfiguration.Access = .local,
        publicURL: String? = nil,
        logger: Logger? = nil,
        trustedProxies: [String] = [],
        counters: any Counters = InProcessCounters(),
        usage: UsageLimits = .unlimited,
        sizes: SizeLimits = SizeLimits(),
        runsPerUser: Int? = nil,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ChatServer) async throws -> R
    ) async throws -> R {
        let provider = ScriptedProvider()
        let logger = logger ?? Self.silence
        let chat = ChatService(
            configuration: ChatConfiguration(
                maxRunsPerUser: runsPerUser, usage: usage, sizes: sizes, mailbox: mailbox, makesTitles: false),
            providers: [provider],
            store: store,
            counters: counters,
            vault: try AESGCMKeyVault(keyring: AESGCMKeyVault.makeKey()),
            logger: logger
        )
        var configuration = try ServerConfiguration(
            port: 0, access: access, publicURL: publicURL, drainTime: drainTime, trustedProxies: trustedProxies)
        configure(&configuration)
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        let server = try buildServer(
            configuration: configuration, chat: chat, transport: try CurlTransport(), logger: logger
        ) { portFound.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { portFound.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.next()
                throw CancellationError()
            }
            let result: Result<R, any Error>
            do {
                result = .success(
                    try await body(ChatServer(port: port, chat: chat, provider: provider, server: server, group: group))
                )
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }
}
