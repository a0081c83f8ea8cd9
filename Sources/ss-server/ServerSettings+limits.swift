import NIOCore
import SimpleStreamComposition
import SimpleStreamKit
import SimpleStreamServer

extension ServerConfiguration {
    /// The names of the variables ``applyLimits(_:)`` reads.
    static let limitVariables = [
        "CONNECTIONS_PER_ADDRESS", "SOCKETS_PER_USER", "SOCKETS_PER_ADDRESS", "MESSAGES_PER_SECOND",
        "SOCKET_BYTES_PER_SECOND",
        "SUBSCRIPTIONS_PER_SOCKET",
        "REQUESTS_PER_MINUTE", "ADDRESS_REQUESTS_PER_MINUTE", "ANSWERS_PER_MINUTE", "MAX_MESSAGE_BYTES",
        "MAX_BODY_BYTES", "MAX_HEADER_BYTES", "MAX_HEADER_FIELDS", "HEADER_SECONDS", "MAX_ATTACHMENT_BYTES",
    ]

    /// Takes over what the operator says about connections and clients.
    mutating func applyLimits(_ variables: Variables) throws(ConfigurationError) {
        func set(_ target: inout Int, _ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) {
            if let value = try variables.int(name, in: range) { target = value }
        }
        func rate(_ standard: Rate?, _ name: String) throws(ConfigurationError) -> Rate? {
            guard variables[name] != nil else { return standard }
            return try variables.cap(name, standard: nil).map { Rate.perMinute($0) }
        }
        clients.connectionsPerAddress = try variables.cap(
            "CONNECTIONS_PER_ADDRESS", standard: clients.connectionsPerAddress)
        try set(&clients.socketsPerUser, "SOCKETS_PER_USER", in: 1...1_000_000)
        try set(&clients.socketsPerAddress, "SOCKETS_PER_ADDRESS", in: 1...1_000_000)
        try set(&clients.messagesPerSecond, "MESSAGES_PER_SECOND", in: 1...100_000)
        try set(&clients.bytesPerSecond, "SOCKET_BYTES_PER_SECOND", in: 65536...(1 << 30))
        try set(&clients.subscriptionsPerSocket, "SUBSCRIPTIONS_PER_SOCKET", in: 1...100_000)
        clients.requestsPerUser = try rate(clients.requestsPerUser, "REQUESTS_PER_MINUTE")
        clients.requestsPerAddress = try rate(clients.requestsPerAddress, "ADDRESS_REQUESTS_PER_MINUTE")
        clients.answersPerUser = try rate(clients.answersPerUser, "ANSWERS_PER_MINUTE")
        try set(&messageBytes, "MAX_MESSAGE_BYTES", in: 1024...(64 << 20))
        try set(&http.bodyBytes, "MAX_BODY_BYTES", in: 1024...(64 << 20))
        try set(&http.headBytes, "MAX_HEADER_BYTES", in: 1024...(1 << 20))
        try set(&http.headFields, "MAX_HEADER_FIELDS", in: 10...1000)
        try set(&attachmentBytes, "MAX_ATTACHMENT_BYTES", in: 1...(1 << 30))
        if let seconds = try variables.int("HEADER_SECONDS", in: 1...300) { http.headTime = .seconds(Int64(seconds)) }
    }
}
