import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamServer

extension ServerSettings {
    /// Who may use the server and how they prove it.
    static func access(_ variables: Variables) throws(ConfigurationError) -> ServerConfiguration.Access {
        guard try variables.choice("AUTH_MODE", of: ["local", "accounts"]) == "accounts" else {
            try refuseSignInWithoutAccounts(variables)
            // A bad value is told, not passed over.
            _ = try variables.bool("SS_GUESTS")
            _ = try administrators(variables)
            return .local
        }
        let accounts = AccountConfiguration(
            gitHub: try gitHub(variables),
            openID: try openID(variables),
            allowsGuests: try variables.bool("SS_GUESTS") ?? true,
            administrators: try administrators(variables)
        )
        return .accounts(accounts)
    }

    /// Somebody who sets these up wants accounts: a server that let everybody in instead would be a bad surprise.
    private static func refuseSignInWithoutAccounts(_ variables: Variables) throws(ConfigurationError) {
        for name in ["GITHUB_CLIENT_ID", "OIDC_ISSUER"] where variables[name] != nil {
            throw ConfigurationError(name, "AUTH_MODE is local, where nobody signs in", accepted: "AUTH_MODE=accounts")
        }
    }

    private static func gitHub(_ variables: Variables) throws(ConfigurationError) -> AccountConfiguration.GitHub? {
        guard let clientID = variables["GITHUB_CLIENT_ID"] else {
            for name in ["GITHUB_CLIENT_SECRET", "GITHUB_BASE_URL", "GITHUB_API_URL"] where variables[name] != nil {
                throw ConfigurationError(name, "GITHUB_CLIENT_ID is missing", accepted: "both, or neither")
            }
            return nil
        }
        guard let secret = variables["GITHUB_CLIENT_SECRET"] else {
            throw ConfigurationError(
                "GITHUB_CLIENT_SECRET", "it is missing", accepted: "the secret of the application GITHUB_CLIENT_ID")
        }
        return AccountConfiguration.GitHub(
            clientID: clientID, clientSecret: Secret(secret),
            baseURL: try issuerURL("GITHUB_BASE_URL", variables) ?? "https://github.com",
            apiURL: try issuerURL("GITHUB_API_URL", variables))
    }

    private static func openID(_ variables: Variables) throws(ConfigurationError) -> AccountConfiguration.OpenID? {
        guard let issuer = try issuerURL("OIDC_ISSUER", variables, keepsSlash: true) else {
            for name in ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"] where variables[name] != nil {
                throw ConfigurationError(name, "OIDC_ISSUER is missing", accepted: "https://accounts.example.com")
            }
            return nil
        }
        guard let clientID = variables["OIDC_CLIENT_ID"] else {
            throw ConfigurationError("OIDC_CLIENT_ID", "it is missing", accepted: "the client's id at OIDC_ISSUER")
        }
        guard let secret = variables["OIDC_CLIENT_SECRET"] else {
            throw ConfigurationError(
                "OIDC_CLIENT_SECRET", "it is missing", accepted: "the client's secret at OIDC_ISSUER")
        }
        return AccountConfiguration.OpenID(
            issuer: issuer, clientID: clientID, clientSecret: Secret(secret), name: variables["OIDC_NAME"])
    }

    /// https, or http on this machine; without a slash at the end.
    private static func issuerURL(
        _ name: String, _ variables: Variables, keepsSlash: Bool = false
    ) throws(ConfigurationError) -> String? {
        guard let text = variables[name] else { return nil }
        guard AccountConfiguration.isUsable(issuer: text) else {
            throw ConfigurationError(
                name, "it is no https URL", accepted: "https://host, or http:// on this machine")
        }
        return !keepsSlash && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// `github:<number>` and `oidc:<subject>`, separated by commas.
    private static func administrators(_ variables: Variables) throws(ConfigurationError) -> Set<Identity> {
        let names = variables["SS_ADMINS"]?.split { $0 == "," || $0.isWhitespace } ?? []
        var identities: Set<Identity> = []
        for name in names {
            let parts = name.split(separator: ":", maxSplits: 1)
            let issuer: String? =
                switch parts.first {
                case "github": try issuerURL("GITHUB_BASE_URL", variables) ?? "https://github.com"
                case "oidc": variables["OIDC_ISSUER"]
                default: nil
                }
            guard parts.count == 2, let issuer, parts[0] != "github" || parts[1].allSatisfy(\.isNumber) else {
                throw ConfigurationError(
                    "SS_ADMINS", "\"\(name)\" cannot be used",
                    accepted: "github:<the user's number> or oidc:<the user's subject>, separated by commas")
            }
            identities.insert(Identity(issuer: issuer, subject: String(parts[1])))
        }
        return identities
    }
}
