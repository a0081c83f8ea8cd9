import ArgumentParser
import SimpleStreamComposition
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The flags every command takes; with the environment and the file they make the variables. Nothing else here reads any
/// of the three.
struct ServerOptions: ParsableArguments {
    @Option(help: "A JSON file of settings, such as {\"PORT\": 4000}.")
    var config: String?
    @Option(help: "The address to listen on. Default 127.0.0.1.")
    var host: String?
    @Option(help: "The port to listen on; 0 takes a free one. Default 4000.")
    var port: String?
    @Option(
        help:
            "sqlite:<path> or postgres://…; one with a password belongs into DATABASE_URL. Default a file in --ss-data-dir."
    )
    var databaseUrl: String?
    @Option(help: "How many connections to PostgreSQL at most. Default 8.")
    var databaseConnections: String?
    @Option(help: "Where the journal, the node's id and the SQLite file are. Default the user's data directory.")
    var ssDataDir: String?
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

    @Option(help: "Whose X-Forwarded-For is believed: addresses or blocks, separated by commas. Default nobody's.")
    var trustedProxies: String?
    @Option(help: "A PEM file with the server's certificate chain; SIGHUP reads it again.")
    var tlsCert: String?
    @Option(help: "A PEM file with the certificate's key.")
    var tlsKey: String?
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Any other setting that is no secret, as NAME=VALUE, such as FREE_MESSAGES_PER_DAY=50. May come often.")
    var settings: [String] = []

    func variables() throws(ConfigurationError) -> Variables {
        let environment = ProcessInfo.processInfo.environment
        return Variables(try flags(), environment, try file(environment["SS_CONFIG"]))
    }

    private func flags() throws(ConfigurationError) -> [String: String] {
        let values: [String: String?] = [
            "HOST": host, "PORT": port, "DATABASE_URL": databaseUrl,
            "DATABASE_CONNECTIONS": databaseConnections, "SS_DATA_DIR": ssDataDir, "REDIS_URL": redisUrl,
            "AUTH_MODE": authMode,
            "REDIS_TLS_CA": redisTlsCa, "REDIS_TLS_CERT": redisTlsCert, "REDIS_TLS_KEY": redisTlsKey,
            "PUBLIC_URL": publicUrl, "ALLOWED_ORIGINS": allowedOrigins, "SS_PROVIDERS": ssProviders,
            "LOCAL_BASE_URL": localBaseUrl, "SS_TITLES": ssTitles, "SS_DEMO": ssDemo, "LOG_LEVEL": logLevel,
            "LOG_FORMAT": logFormat, "DRAIN_SECONDS": drainSeconds, "OPENAI_BASE_URL": openaiBaseUrl,
            "ANTHROPIC_BASE_URL": anthropicBaseUrl, "GEMINI_BASE_URL": geminiBaseUrl, "XAI_BASE_URL": xaiBaseUrl,
            "META_BASE_URL": metaBaseUrl, "VERCEL_BASE_URL": vercelBaseUrl, "TRUSTED_PROXIES": trustedProxies,
            "TLS_CERT": tlsCert, "TLS_KEY": tlsKey, "GITHUB_CLIENT_ID": githubClientId,
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
        return flags.merging(try others()) { first, _ in first }
    }

    /// What `--set` says. Secrets are not taken: other users of the machine can read the arguments.
    private func others() throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let isSecret = parts.first.map(EffectiveSetting.isSecret) ?? false
            guard parts.count == 2, ServerSettings.variables.contains(parts[0]), !isSecret else {
                throw ConfigurationError(
                    "--set", "it does not name a setting that can be given so",
                    accepted: "NAME=VALUE with the name of a variable that is no secret")
            }
            values[parts[0]] = parts[1]
        }
        return values
    }

    /// The settings of a file: an object with the variables' names as keys.
    private func file(_ fallback: String?) throws(ConfigurationError) -> [String: String] {
        guard let path = config ?? fallback else { return [:] }
        let name = config == nil ? "SS_CONFIG" : "--config"
        let accepted = "a JSON object with variables' names as keys"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ConfigurationError(name, "\(path) cannot be read", accepted: "a readable file")
        }
        guard let object = (try? JSONValue(parsing: Array(data)))?.object else {
            throw ConfigurationError(name, "\(path) is not a JSON object", accepted: accepted)
        }
        var values: [String: String] = [:]
        for member in object.members {
            guard ServerSettings.variables.contains(member.key) else {
                throw ConfigurationError(name, "\(path) has the unknown key \(member.key)", accepted: accepted)
            }
            values[member.key] = member.value.string ?? member.value.text
        }
        return values
    }
}
