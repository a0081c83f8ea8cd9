package import Logging
import SimpleStreamCurl
package import SimpleStreamKit
import SimpleStreamPostgres
package import SimpleStreamRedis
import SimpleStreamSQLite

extension EngineSettings {
    /// Builds the engine on the operator's settings. Nothing runs yet.
    ///
    /// - Parameters:
    ///   - redis: connects it with other nodes; see ``makeRedisClient(logger:)``.
    ///   - adjust: changes the engine's configuration before it is used.
    /// - Throws: `ConfigurationError` or `ChatError` with a line for the operator.
    package func makeChatService(
        role: EngineRole,
        redis: RedisClient? = nil,
        logger: Logger,
        adjust: (inout ChatConfiguration) -> Void = { _ in }
    ) async throws -> ChatService {
        let directory = try DataDirectory(database.directory, namedBy: database.directoryVariable)
        let transport = try CurlTransport()
        let (providers, credentials) = makeProviders(transport: transport)
        var configuration = ChatConfiguration(
            node: role == .server ? try directory.nodeID() : "tool-\(UUIDv7.make())",
            maxRunsPerUser: limits.runsPerUser,
            usage: limits.usage,
            sizes: limits.sizes,
            makesTitles: makesTitles
        )
        // A tool may find that the server is gone; the end of what the server's runs said is in its journal.
        if role != .server {
            configuration.otherJournals = [directory.journal]
            // A server on another machine may live although its lease ran out while PostgreSQL was away.
            if case .sqlite = database.kind { configuration.reapsAtStart = true }
        }
        for custom in customProviders { configuration.patience[custom.description.name] = custom.patience }
        adjust(&configuration)
        let (store, blobs) = try await openStore(in: directory, role: role, logger: logger)
        let vault = try AESGCMKeyVault(keyring: (encryptionKeys ?? directory.encryptionKey()).reveal())
        try await Self.check(vault, in: store)
        return ChatService(
            configuration: configuration,
            providers: providers,
            operatorCredentials: credentials,
            store: store,
            blobs: blobs,
            pubSub: redis.map { RedisPubSub($0) } ?? InProcessPubSub(),
            runLog: redis.map { RedisRunLog($0) } ?? InProcessRunLog(),
            counters: redis.map { RedisCounters($0) } ?? InProcessCounters(),
            journal: role == .server ? try Journal(directory: directory.journal) : nil,
            vault: vault,
            logger: logger
        )
    }

    /// What connects this node with others; nil without `REDIS_URL`. Its ``RedisClient/run()`` must run with the engine.
    package func makeRedisClient(logger: Logger) -> RedisClient? {
        redis.map { RedisClient($0, logger: logger) }
    }

    private func openStore(
        in directory: DataDirectory, role: EngineRole, logger: Logger
    ) async throws -> (any Store, any BlobStore) {
        switch database.kind {
        case .sqlite(let path):
            return (
                try await SQLiteStore(path: path, exclusive: role == .server),
                try FileBlobStore(directory: directory.blobs)
            )
        case .postgres(var configuration):
            // The database cannot tell two servers of one node's name apart.
            if role == .server { try directory.lock() }
            // A tool does one thing at a time.
            if role == .tool { configuration.maximumConnections = min(configuration.maximumConnections, 2) }
            let store = try await PostgresStore(configuration: configuration, logger: logger)
            return (store, store.blobs)
        }
    }

    /// Finds a wrong keyring before anybody saves a key with it.
    package static func check(_ vault: AESGCMKeyVault, in store: any VaultStore) async throws {
        do {
            try await VaultCanary.check(vault, in: store)
        } catch let error as VaultCanary.WrongKeyring {
            throw ConfigurationError(
                "ENCRYPTION_KEY", "\(error)", accepted: "the keys this database was used with, the newest first")
        }
    }

    /// The providers in the order they are offered, and the operator's credentials by name.
    package func makeProviders(transport: any HTTPTransport) -> ([any ChatProvider], [String: Credential]) {
        var providers: [any ChatProvider] = []
        var credentials: [String: Credential] = [:]
        for var description in ProviderListing.builtIn where description.name != ProviderDescription.local.name {
            if let account = accounts.first(where: { $0.provider == description.name }) {
                if let baseURL = account.baseURL, baseURL.hasPrefix("http://") {
                    description.transport.allowsPlainHTTP = true
                }
                // Keys that users saved before it was set stay with the provider's own.
                description.operatorBaseURL = account.baseURL
                if let key = account.key {
                    credentials[account.provider] = Credential(key: key, baseURL: account.baseURL)
                }
            }
            description.transport.exemptNetworks = limits.exemptNetworks
            providers.append(HTTPChatProvider(description, transport: transport))
        }
        for var custom in customProviders {
            custom.description.transport.exemptNetworks = limits.exemptNetworks
            let provider = HTTPChatProvider(custom.description, transport: transport)
            providers.append(custom.models.isEmpty ? provider : ListedProvider(base: provider, ids: custom.models))
            credentials[custom.description.name] = Credential(key: custom.key)
        }
        providers.append(makeLocalProvider(transport: transport))
        credentials[ProviderDescription.local.name] = Credential(key: localKey, baseURL: localBaseURL)
        if offersDemo {
            let demo = EchoProvider()
            providers.append(demo)
            credentials[demo.name] = Credential.none
        }
        return (providers, credentials)
    }

    private func makeLocalProvider(transport: any HTTPTransport) -> any ChatProvider {
        guard let localBaseURL else {
            return LocalProvider(transport: transport, exemptNetworks: limits.exemptNetworks)
        }
        var description = ProviderDescription.local
        description.transport.exemptNetworks = limits.exemptNetworks
        description.operatorBaseURL = localBaseURL
        return HTTPChatProvider(description, transport: transport)
    }
}
