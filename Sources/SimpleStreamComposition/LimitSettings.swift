package import SimpleStreamKit

/// What an operator says users may spend and ask for.
package struct LimitSettings: Sendable {
    package var usage: UsageLimits
    package var sizes: SizeLimits
    /// How many answers a user may have running; nil is no limit.
    package var runsPerUser: Int?
    /// Blocks of private addresses that users' base URLs may lead to.
    package var exemptNetworks: [IPPrefix]

    /// The names of the variables.
    package static let variables = [
        "FREE_MESSAGES_PER_DAY", "GUEST_MESSAGES_PER_DAY", "GUEST_TOTAL_MESSAGES_PER_DAY", "TOTAL_MESSAGES_PER_DAY",
        "BUDGET_TOKENS_PER_DAY", "BUDGET_TOKENS_PER_MONTH", "BUDGET_MICRO_USD_PER_DAY", "BUDGET_MICRO_USD_PER_MONTH",
        "TOTAL_BUDGET_TOKENS_PER_DAY", "TOTAL_BUDGET_TOKENS_PER_MONTH", "TOTAL_BUDGET_MICRO_USD_PER_DAY",
        "TOTAL_BUDGET_MICRO_USD_PER_MONTH", "RUNS_PER_USER", "MAX_PROMPT_BYTES", "MAX_HISTORY_MESSAGES",
        "MAX_ATTACHMENTS", "MAX_REQUEST_ATTACHMENT_BYTES", "MAX_STORED_BYTES_PER_USER", "GUEST_STORED_BYTES",
        "ALLOW_PRIVATE_NETWORKS",
    ]

    /// Reads the settings. With one user there are no quotas unless they are set: it is that user's own money.
    package init(_ variables: Variables) throws(ConfigurationError) {
        let isLocal = (variables["AUTH_MODE"]?.lowercased() ?? "local") == "local"
        func limit(_ name: String, _ standard: Int?) throws(ConfigurationError) -> Int? {
            try variables.limit(name, standard: isLocal ? nil : standard)
        }
        usage = UsageLimits(
            messagesPerDay: try limit("FREE_MESSAGES_PER_DAY", 25),
            guestMessagesPerDay: try limit("GUEST_MESSAGES_PER_DAY", 10),
            allGuestsMessagesPerDay: try limit("GUEST_TOTAL_MESSAGES_PER_DAY", 500),
            everyonesMessagesPerDay: try limit("TOTAL_MESSAGES_PER_DAY", nil),
            budget: try Self.budget("BUDGET", variables),
            everyonesBudget: try Self.budget("TOTAL_BUDGET", variables)
        )
        runsPerUser = try variables.cap("RUNS_PER_USER", standard: isLocal ? nil : 4)
        sizes = SizeLimits()
        if let bytes = try variables.int("MAX_PROMPT_BYTES", in: 1...(64 << 20)) { sizes.promptBytes = bytes }
        if let count = try variables.int("MAX_HISTORY_MESSAGES", in: 1...100_000) { sizes.historyMessages = count }
        if let count = try variables.int("MAX_ATTACHMENTS", in: 0...32) { sizes.attachments = count }
        if let bytes = try variables.int("MAX_REQUEST_ATTACHMENT_BYTES", in: 0...(1 << 30)) {
            sizes.attachmentBytes = bytes
        }
        // The one user of a machine fills a disk of their own.
        sizes.storedBytes = try limit("MAX_STORED_BYTES_PER_USER", 1 << 30)
        sizes.guestStoredBytes = try limit("GUEST_STORED_BYTES", 100 << 20)
        exemptNetworks = try Self.networks(variables)
    }

    private static func budget(
        _ prefix: String, _ variables: Variables
    ) throws(ConfigurationError) -> UsageLimits.Budget {
        UsageLimits.Budget(
            tokensPerDay: try variables.limit("\(prefix)_TOKENS_PER_DAY", standard: nil),
            tokensPerMonth: try variables.limit("\(prefix)_TOKENS_PER_MONTH", standard: nil),
            microUSDPerDay: try variables.limit("\(prefix)_MICRO_USD_PER_DAY", standard: nil),
            microUSDPerMonth: try variables.limit("\(prefix)_MICRO_USD_PER_MONTH", standard: nil)
        )
    }

    private static func networks(_ variables: Variables) throws(ConfigurationError) -> [IPPrefix] {
        var networks: [IPPrefix] = []
        for text in variables.list("ALLOW_PRIVATE_NETWORKS") {
            guard let network = IPPrefix(text) else {
                throw ConfigurationError(
                    "ALLOW_PRIVATE_NETWORKS", "\"\(text)\" is no block of addresses", accepted: "10.0.0.0/8, fd00::/8")
            }
            networks.append(network)
        }
        return networks
    }
}
