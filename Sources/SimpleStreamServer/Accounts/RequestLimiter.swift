import SimpleStreamKit

/// Counts requests against the rates of their user and address, for all nodes that share the counters.
///
/// Counters that are out of reach refuse.
struct RequestLimiter: Sendable {
    let counters: any Counters
    let limits: ClientLimits

    /// A request or a new socket from an address, whoever it is.
    func arrived(from client: Client) async throws(ChatError) {
        guard let rate = limits.requestsPerAddress, !client.address.isEmpty else { return }
        try await counters.spend(
            from: "requests:address:\(client.address)", at: rate,
            orSay: "Too many requests from your address; wait a moment.")
    }

    /// A request of a user.
    func arrived(of userID: String) async throws(ChatError) {
        guard let rate = limits.requestsPerUser else { return }
        try await counters.spend(
            from: "requests:user:\(userID)", at: rate, orSay: "Too many requests; wait a moment.")
    }

    /// A request for an answer.
    func asked(by userID: String) async throws(ChatError) {
        guard let rate = limits.answersPerUser else { return }
        try await counters.spend(
            from: "answers:user:\(userID)", at: rate, orSay: "You ask for answers too fast; wait a moment.")
    }

    /// A look at a saved key.
    func revealed(by userID: String) async throws(ChatError) {
        try await counters.spend(
            from: "reveals:user:\(userID)", at: limits.revealsPerUser,
            orSay: "Saved keys were shown too often; try again later.")
    }
}
