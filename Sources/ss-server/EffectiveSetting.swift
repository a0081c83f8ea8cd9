import Logging
import NIOCore
import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamServer

/// One variable as it holds.
struct EffectiveSetting {
    let name: String
    /// What it is; nil when there is none.
    let value: String?
    /// Whether the operator set it.
    let isSet: Bool

    /// As an environment file would say it; what is not set stands in a comment.
    var line: String {
        guard isSet else { return "# \(name)=\(value ?? "")" }
        return "\(name)=\(value ?? "")"
    }

    /// All variables, sorted by name.
    static func all(of settings: ServerSettings, _ variables: Variables) -> [EffectiveSetting] {
        let standards = standards(settings)
        return ServerSettings.variables.sorted().map { name in
            guard let text = variables[name] else {
                return EffectiveSetting(name: name, value: standards[name], isSet: false)
            }
            return EffectiveSetting(name: name, value: masked(text, of: name), isSet: true)
        }
    }

    /// Whether a variable's value must not be seen.
    static func isSecret(_ name: String) -> Bool {
        ["_API_KEY", "_SECRET", "ENCRYPTION_KEY", "_PASSWORD", "_TOKEN"].contains { name.hasSuffix($0) }
            || name == "SS_PROVIDERS"
    }

    static func masked(_ text: String, of name: String) -> String {
        if name == "ENCRYPTION_KEY", let vault = try? AESGCMKeyVault(keyring: text) {
            return vault.keyIDs.map { "\($0):********" }.joined(separator: ",")
        }
        if name == "SS_PROVIDERS", !text.hasPrefix("[") { return text }
        guard !isSecret(name) else { return "********" }
        return text.withoutPassword
    }

    /// What holds where nothing was said.
    private static func standards(_ settings: ServerSettings) -> [String: String] {
        let server = settings.server
        let clients = server.clients
        let limits = settings.engine.limits
        let numbers: [String: Int?] = [
            "PORT": server.port, "DRAIN_SECONDS": Int(server.drainTime.components.seconds),
            "FREE_MESSAGES_PER_DAY": limits.usage.messagesPerDay,
            "GUEST_MESSAGES_PER_DAY": limits.usage.guestMessagesPerDay,
            "GUEST_TOTAL_MESSAGES_PER_DAY": limits.usage.allGuestsMessagesPerDay,
            "MAX_STORED_BYTES_PER_USER": limits.sizes.storedBytes, "GUEST_STORED_BYTES": limits.sizes.guestStoredBytes,
            "RUNS_PER_USER": limits.runsPerUser, "MAX_PROMPT_BYTES": limits.sizes.promptBytes,
            "MAX_HISTORY_MESSAGES": limits.sizes.historyMessages, "MAX_ATTACHMENTS": limits.sizes.attachments,
            "MAX_REQUEST_ATTACHMENT_BYTES": limits.sizes.attachmentBytes,
            "CONNECTIONS_PER_ADDRESS": clients.connectionsPerAddress, "SOCKETS_PER_USER": clients.socketsPerUser,
            "SOCKETS_PER_ADDRESS": clients.socketsPerAddress, "MESSAGES_PER_SECOND": clients.messagesPerSecond,
            "SOCKET_BYTES_PER_SECOND": clients.bytesPerSecond,
            "SUBSCRIPTIONS_PER_SOCKET": clients.subscriptionsPerSocket,
            "REQUESTS_PER_MINUTE": clients.requestsPerUser?.limit,
            "ADDRESS_REQUESTS_PER_MINUTE": clients.requestsPerAddress?.limit,
            "ANSWERS_PER_MINUTE": clients.answersPerUser?.limit, "MAX_MESSAGE_BYTES": server.messageBytes,
            "MAX_BODY_BYTES": server.http.bodyBytes, "MAX_HEADER_BYTES": server.http.headBytes,
            "MAX_HEADER_FIELDS": server.http.headFields, "MAX_ATTACHMENT_BYTES": server.attachmentBytes,
            "HEADER_SECONDS": Int(server.http.headTime.nanoseconds / 1_000_000_000),
        ]
        var standards = numbers.mapValues { $0.map { "\($0)" } ?? "off" }
        for name in LimitSettings.variables where name.contains("BUDGET") || name.hasPrefix("TOTAL_") {
            standards[name] = "off"
        }
        standards["HOST"] = server.host
        standards["AUTH_MODE"] = "local"
        standards["LOG_LEVEL"] = settings.logLevel.rawValue
        standards["LOG_FORMAT"] = "text"
        standards["SS_TITLES"] = "auto"
        standards["SS_DEMO"] = "0"
        standards["SS_GUESTS"] = "1"
        standards["DATABASE_CONNECTIONS"] = "8"
        return standards
    }
}

extension String {
    /// A URL with stars in the place of its passwords; any other text as it is.
    var withoutPassword: String {
        guard let scheme = firstRange(of: "://") else { return self }
        let rest = self[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest[authority.endIndex...].withoutPasswordParameters
        guard let at = authority.lastIndex(of: "@") else { return "\(self[..<authority.endIndex])\(tail)" }
        let user = authority[..<at].prefix { $0 != ":" }
        return "\(self[..<scheme.upperBound])\(user):********\(authority[at...])\(tail)"
    }
}

extension Substring {
    /// A path and query with stars for the values of libpq's `password` and `sslpassword`.
    fileprivate var withoutPasswordParameters: String {
        guard let mark = firstIndex(of: "?") else { return String(self) }
        let parameters = self[index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let shown = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return name.lowercased().hasSuffix("password") || name.contains("%")
                ? "\(name)=********" : String(parameter)
        }
        return "\(self[...mark])\(shown.joined(separator: "&"))"
    }
}
