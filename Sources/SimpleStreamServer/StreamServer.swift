import Foundation
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
public import SimpleStreamKit

/// Builds a server. It listens once its ``StreamServer/run()`` is called and old runs were ended.
///
/// - Parameters:
///   - chat: the engine. The server runs and drains it.
///   - dependencies: what the engine uses besides its store. The server runs them for as long as the engine.
///   - transport: reaches who vouches for users; needed when somebody else than us signs them in.
///   - counters: what guests and guesses are counted with; shared when several nodes serve the same users.
///   - onListening: called with the port when requests are taken.
/// - Throws: when the web app's files or the certificate cannot be read.
public func buildServer(
    configuration: ServerConfiguration,
    chat: ChatService,
    dependencies: [ServerDependency] = [],
    transport: (any HTTPTransport)? = nil,
    counters: any Counters = InProcessCounters(),
    logger: Logger = Logger(label: "simple-stream.server"),
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) throws -> StreamServer {
    guard let web = Bundle.module.path(forResource: "Web", ofType: nil) else {
        throw ChatError(.internal, "The files of the web page are missing.")
    }
    let accounts = configuration.access.accounts
    guard transport != nil || (accounts?.gitHub == nil && accounts?.openID == nil) else {
        throw ChatError(.internal, "Signing users in elsewhere takes a transport.")
    }
    return StreamServer(
        configuration: configuration, chat: chat, dependencies: dependencies, transport: transport,
        counters: counters, web: try WebFiles(directory: web),
        tls: try configuration.tls.map { try TLSIdentity($0) }, logger: logger,
        onListening: onListening)
}

/// A server as a service: WebSockets, REST and the web app on one engine.
///
/// A graceful shutdown refuses new requests, tells open sockets, lets running answers end for
/// ``ServerConfiguration/drainTime`` and stores the rest as interrupted, then closes everything.
public struct StreamServer: Service {
    let configuration: ServerConfiguration
    let chat: ChatService
    let dependencies: [ServerDependency]
    let transport: (any HTTPTransport)?
    let counters: any Counters
    let web: WebFiles
    let tls: TLSIdentity?
    let logger: Logger
    let onListening: @Sendable (Int) async -> Void

    /// How long connections may take to end after the answers have.
    private static let closingTime = Duration.seconds(5)

    /// Reads the certificate's files again, for connections from now on.
    ///
    /// - Throws: when they cannot be used; then the certificate stays the one it was.
    package func reloadCertificate() throws(TLSIdentity.Problem) { try tls?.reload() }

    /// Serves until the task is cancelled or gracefully shut down.
    ///
    /// - Throws: when the store cannot be read or the address cannot be listened on.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for dependency in dependencies { tasks.addTask { await dependency.run() } }
            // The last to end: until then the engine uses them.
            defer { tasks.cancelAll() }
            try await serve()
        }
    }

    private func serve() async throws {
        try await chat.recover()
        let hub = SocketHub()
        // Shut down in reverse: first the answers end, then the connections, then the engine.
        var group = ServiceGroupConfiguration(
            services: [
                WorkerService { try await chat.run() },
                WorkerService {
                    await withGracefulShutdownHandler {
                        await hub.run()
                    } onGracefulShutdown: {
                        hub.finish()
                    }
                },
                AccessWatch(
                    chat: chat, hub: hub, interval: configuration.access.accounts?.checkInterval ?? .seconds(60),
                    sweepInterval: configuration.sweepInterval, logger: logger),
                makeApplication(hub: hub),
                DrainService(chat: chat, hub: hub, limit: configuration.drainTime),
            ],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = configuration.drainTime + Self.closingTime
        try await ServiceGroup(configuration: group).run()
    }

    private func makeAccounts(_ audit: AuditLog) -> AccountService? {
        guard let accounts = configuration.access.accounts else { return nil }
        var providers: [any SignInProvider] = []
        if let transport {
            if let gitHub = accounts.gitHub { providers.append(GitHubSignIn(gitHub, transport: transport)) }
            if let openID = accounts.openID {
                providers.append(OpenIDSignIn(openID, transport: transport, now: accounts.now))
            }
        }
        return AccountService(
            chat: chat, configuration: accounts, cookie: SessionCookie(isSecure: configuration.isSecure),
            publicURL: configuration.publicURL.map(API.withoutSlash), providers: providers, counters: counters,
            now: accounts.now, audit: audit)
    }

    private func makeApplication(hub: SocketHub) -> some Service {
        var now: @Sendable () -> Date = { Date() }
        if let accounts = configuration.access.accounts { now = accounts.now }
        let audit = AuditLog(store: chat.store, now: now, logger: logger)
        let accounts = makeAccounts(audit)
        let authenticator = Authenticator(
            store: chat.store, accounts: accounts?.configuration,
            cookie: SessionCookie(isSecure: configuration.isSecure),
            now: now)
        let limiter = RequestLimiter(counters: chat.counters, limits: configuration.clients)
        let upgrade = ChatUpgrade(
            chat: chat, hub: hub, configuration: configuration, authenticator: authenticator, limiter: limiter)
        var connections = StreamServerChannel.Configuration()
        connections.limits = configuration.http
        connections.hosts = configuration.hostPolicy
        connections.proxies = configuration.proxies
        connections.connectionsPerAddress = configuration.clients.connectionsPerAddress
        connections.tls = tls
        connections.isPublicSecure = configuration.isPublicSecure
        connections.webSockets = WebSocketUpgrade { head, address in await upgrade.decide(head, address) }
        let attachmentBytes = configuration.attachmentBytes
        connections.bodyLimit = { head in
            let path = head.path?.prefix { $0 != "?" }
            return path == API.attachmentsPath[...] ? attachmentBytes : nil
        }
        let open = StreamServerChannel.openConnections(connections)
        let api = API(
            chat: chat, hub: hub, connections: open, dependencies: dependencies, configuration: configuration,
            authenticator: authenticator, accounts: accounts, limiter: limiter, audit: audit)
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ErrorMiddleware(isPublicSecure: configuration.isPublicSecure))
        router.add(middleware: WrongMethodMiddleware(endpoints: api.endpoints, files: web))
        router.add(middleware: WebFilesMiddleware(files: web))
        api.register(in: router)
        return Application(
            router: router,
            server: .simpleStream(configuration: connections, open: open),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}

/// Does its work until its turn to be shut down, also when the work ends before.
private struct WorkerService: Service {
    let work: @Sendable () async throws -> Void

    init(_ work: @escaping @Sendable () async throws -> Void) { self.work = work }

    func run() async throws {
        try await work()
        // Throws only when the task is cancelled: then there is nothing to wait for.
        try? await gracefulShutdown()
    }
}

/// The first to be shut down: ends the answers while everything else still works.
private struct DrainService: Service {
    let chat: ChatService
    let hub: SocketHub
    let limit: Duration

    func run() async throws {
        // Throws only when the task is cancelled: then nobody waits for answers.
        guard (try? await gracefulShutdown()) != nil else { return }
        hub.announceDraining()
        await chat.drain(within: limit)
        hub.closeAll(.serviceRestart)
    }
}

extension StreamServer: CustomStringConvertible {
    /// What logs call it, which would say all it holds otherwise, the pages' bytes included.
    public var description: String { "StreamServer" }
}
