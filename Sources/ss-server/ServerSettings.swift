import Logging
import SimpleStreamComposition
import SimpleStreamServer

/// Everything an operator can say, checked.
struct ServerSettings: Sendable {
    enum LogFormat: Sendable {
        case text, json
    }

    let engine: EngineSettings
    let server: ServerConfiguration
    let logLevel: Logger.Level
    let logFormat: LogFormat

    /// The names of all variables.
    static let variables: Set<String> = Set(
        [
            "HOST", "PORT", "DATABASE_URL", "DATABASE_CONNECTIONS", "SS_DATA_DIR", "ENCRYPTION_KEY",
            "AUTH_MODE", "PUBLIC_URL",
            "ALLOWED_ORIGINS", "SS_PROVIDERS", "LOCAL_BASE_URL", "LOCAL_API_KEY", "SS_TITLES", "SS_DEMO", "LOG_LEVEL",
            "LOG_FORMAT", "DRAIN_SECONDS", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_BASE_URL",
            "GITHUB_API_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "SS_GUESTS",
            "SS_ADMINS", "TRUSTED_PROXIES", "TLS_CERT", "TLS_KEY",
        ] + ProviderAccount.variables + RedisSettings.variables + LimitSettings.variables
            + ServerConfiguration.limitVariables)

    init(_ variables: Variables) throws(ConfigurationError) {
        engine = try EngineSettings(variables)
        let port = try variables.int("PORT", in: 0...65535) ?? 4000
        let drainSeconds = try variables.int("DRAIN_SECONDS", in: 0...3600) ?? 30
        let access = try Self.access(variables)
        let origins = variables["ALLOWED_ORIGINS"]?.split { $0 == "," || $0.isWhitespace }.map(String.init) ?? []
        let tls = try Self.tls(variables)
        var configuration: ServerConfiguration
        do throws(ServerConfiguration.Problem) {
            var server = try ServerConfiguration(
                host: variables["HOST"] ?? "127.0.0.1",
                port: port,
                access: access,
                publicURL: variables["PUBLIC_URL"],
                allowedOrigins: origins,
                drainTime: .seconds(drainSeconds),
                trustedProxies: variables.list("TRUSTED_PROXIES")
            )
            server.tls = tls
            configuration = server
        } catch {
            let names = [
                "host": "HOST", "access": "AUTH_MODE", "publicURL": "PUBLIC_URL", "allowedOrigins": "ALLOWED_ORIGINS",
                "trustedProxies": "TRUSTED_PROXIES",
            ]
            throw ConfigurationError(
                names[error.property] ?? error.property, error.problem, accepted: error.accepted)
        }
        try configuration.applyLimits(variables)
        server = configuration
        let levels = Logger.Level.allCases.map(\.rawValue)
        logLevel = try variables.choice("LOG_LEVEL", of: levels).flatMap { Logger.Level(rawValue: $0) } ?? .info
        logFormat = try variables.choice("LOG_FORMAT", of: ["text", "json"]) == "json" ? .json : .text
    }

    private static func tls(_ variables: Variables) throws(ConfigurationError) -> TLSFiles? {
        let files = (variables["TLS_CERT"], variables["TLS_KEY"])
        guard files.0 != nil || files.1 != nil else { return nil }
        guard let certificate = files.0, let key = files.1 else {
            throw ConfigurationError(
                files.0 == nil ? "TLS_CERT" : "TLS_KEY", "it is missing, and the other of the two is set",
                accepted: "the path of a PEM file")
        }
        return TLSFiles(certificate: certificate, key: key)
    }
}
