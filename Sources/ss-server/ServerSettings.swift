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
            "HOST", "PORT", "DATABASE_URL", "ENCRYPTION_KEY", "AUTH_MODE", "PUBLIC_URL",
            "ALLOWED_ORIGINS", "SS_PROVIDERS", "LOCAL_BASE_URL", "LOCAL_API_KEY", "SS_TITLES", "SS_DEMO", "LOG_LEVEL",
            "LOG_FORMAT", "DRAIN_SECONDS", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_BASE_URL",
            "GITHUB_API_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "SS_GUESTS",
            "SS_ADMINS",
        ] + ProviderAccount.variables + RedisSettings.variables)

    init(_ variables: Variables) throws(ConfigurationError) {
        engine = try EngineSettings(variables)
        let port = try variables.int("PORT", in: 0...65535) ?? 4000
        let drainSeconds = try variables.int("DRAIN_SECONDS", in: 0...3600) ?? 30
        let access = try Self.access(variables)
        let origins = variables["ALLOWED_ORIGINS"]?.split { $0 == "," || $0.isWhitespace }.map(String.init) ?? []
        do throws(ServerConfiguration.Problem) {
            server = try ServerConfiguration(
                host: variables["HOST"] ?? "127.0.0.1",
                port: port,
                access: access,
                publicURL: variables["PUBLIC_URL"],
                allowedOrigins: origins,
                drainTime: .seconds(drainSeconds)
            )
        } catch {
            let names = [
                "host": "HOST", "access": "AUTH_MODE", "publicURL": "PUBLIC_URL", "allowedOrigins": "ALLOWED_ORIGINS",
            ]
            throw ConfigurationError(
                names[error.property] ?? error.property, error.problem, accepted: error.accepted)
        }
        let levels = Logger.Level.allCases.map(\.rawValue)
        logLevel = try variables.choice("LOG_LEVEL", of: levels).flatMap { Logger.Level(rawValue: $0) } ?? .info
        logFormat = try variables.choice("LOG_FORMAT", of: ["text", "json"]) == "json" ? .json : .text
    }
}
