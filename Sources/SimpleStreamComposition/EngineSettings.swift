package import SimpleStreamKit
package import SimpleStreamRedis

/// What an operator says about the engine, for every program that runs it.
package struct EngineSettings: Sendable {
    /// Where everything is kept.
    package var database: DatabaseLocation
    /// What connects this node with others; nil when there are none.
    package var redis: RedisConfiguration?
    /// The keyring that seals users' keys; nil uses the one beside the SQLite file, made when it is missing.
    package var encryptionKeys: Secret?
    /// The operator's keys and base URLs for the providers this package knows.
    package var accounts: [ProviderAccount]
    /// Providers the operator named.
    package var customProviders: [CustomProvider]
    /// The local model server's base URL; nil looks for one at the usual ports.
    package var localBaseURL: String?
    package var localKey: Secret?
    /// Whether a cheap model names conversations. Default true.
    package var makesTitles: Bool
    /// Whether the demo without a model is offered. Default false.
    package var offersDemo: Bool

    /// What users may spend and ask for.
    package var limits: LimitSettings

    /// Reads the settings.
    package init(_ variables: Variables) throws(ConfigurationError) {
        limits = try LimitSettings(variables)
        database = try DatabaseLocation(variables)
        redis = try RedisSettings.configuration(variables)
        encryptionKeys = try Self.encryptionKeys(variables)
        if case .postgres = database.kind, encryptionKeys == nil {
            // A key made here would be another one than other nodes have.
            throw ConfigurationError(
                "ENCRYPTION_KEY", "it is not set, and nodes that share a database need the same one",
                accepted: "64 hexadecimal digits, or id:hex,id:hex with 64 digits each")
        }
        accounts = try ProviderAccount.all(variables)
        customProviders = try CustomProvider.all(variables)
        localBaseURL = try Self.baseURL("LOCAL_BASE_URL", variables, standardPath: "/v1", allowsPlainHTTP: true)
        localKey = try ProviderAccount.key("LOCAL_API_KEY", variables)
        makesTitles = try variables.choice("SS_TITLES", of: ["auto", "off"]) != "off"
        offersDemo = try variables.bool("SS_DEMO") ?? false
    }

    private static func encryptionKeys(_ variables: Variables) throws(ConfigurationError) -> Secret? {
        guard let keyring = variables["ENCRYPTION_KEY"] else { return nil }
        do throws(ChatError) {
            _ = try AESGCMKeyVault(keyring: keyring)
        } catch {
            throw ConfigurationError(
                "ENCRYPTION_KEY", "it is not a key or a list of keys with different ids",
                accepted: "64 hexadecimal digits, or id:hex,id:hex with 64 digits each")
        }
        return Secret(keyring)
    }

    /// Reads a base URL; one without a path gets the provider's usual one.
    static func baseURL(
        _ variable: String, _ variables: Variables, standardPath: String, allowsPlainHTTP: Bool
    ) throws(ConfigurationError) -> String? {
        guard let text = variables[variable] else { return nil }
        let url = try baseURL(text, named: variable, allowsPlainHTTP: allowsPlainHTTP)
        return url.path.isEmpty ? "\(url.scheme)://\(url.authority)\(standardPath)" : "\(url)"
    }

    /// Checks a base URL; plain http to this machine is always fine.
    static func baseURL(
        _ text: String, named variable: String, allowsPlainHTTP: Bool
    ) throws(ConfigurationError) -> BaseURL {
        let accepted = "https://host/path" + (allowsPlainHTTP ? " or http://host/path" : ", or http:// on this machine")
        do throws(ChatError) {
            let url = try BaseURL(text, allowsPlainHTTP: true)
            if url.scheme == "https" || allowsPlainHTTP || url.isLoopback { return url }
        } catch {
            // It may hold a password: only the kind of trouble is told.
            throw ConfigurationError(variable, "it is not a base URL", accepted: accepted)
        }
        throw ConfigurationError(variable, "a key must not leave this machine unencrypted", accepted: accepted)
    }
}

extension BaseURL: CustomStringConvertible {
    package var description: String { "\(scheme)://\(authority)\(path)" }

    /// Whether it can only be this machine.
    var isLoopback: Bool {
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "127.0.0.1" || host == "[::1]"
    }
}
