import SimpleStreamKit

extension ServerConfiguration {
    /// The limits a client is told when its socket opens; those that do not hold are left out.
    func shownLimits(_ chat: ChatConfiguration, isGuest: Bool) -> [(name: String, value: Int)] {
        let limits: [(String, Int?)] = [
            ("messageBytes", messageBytes), ("messagesPerSecond", clients.messagesPerSecond),
            ("bodyBytes", http.bodyBytes), ("promptBytes", chat.sizes.promptBytes),
            ("historyMessages", chat.sizes.historyMessages), ("attachments", chat.sizes.attachments),
            ("attachmentBytes", attachmentBytes), ("attachmentBytesPerRequest", chat.sizes.attachmentBytes),
            ("storedBytes", chat.sizes.storedBytes(isGuest: isGuest)), ("runs", chat.maxRunsPerUser),
            ("sockets", clients.socketsPerUser),
            ("subscriptions", clients.subscriptionsPerSocket),
            ("requestsPerMinute", clients.requestsPerUser?.perMinute),
            ("answersPerMinute", clients.answersPerUser?.perMinute),
            ("freeMessagesPerDay", chat.usage.messagesPerDay(isGuest: isGuest)),
        ]
        return limits.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension Rate {
    /// The limit as so many a minute, rounded down, at least one.
    fileprivate var perMinute: Int {
        let seconds = Double(window.components.seconds) + Double(window.components.attoseconds) * 1e-18
        return max(1, Int(exactly: (Double(limit) * 60 / max(seconds, 0.001)).rounded(.down)) ?? .max)
    }
}
