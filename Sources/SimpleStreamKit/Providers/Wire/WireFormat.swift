/// A provider's language: how a prompt is asked and how the reply reads. Pure: no I/O, no clock.
public protocol WireFormat: Sendable {
    associatedtype Decoder: ReplyDecoder

    /// The request that asks for a streamed reply: path below the base URL, extra headers, JSON body.
    func request(for prompt: Prompt) throws(ChatError) -> WireRequest

    /// A decoder for one reply.
    func makeDecoder() -> Decoder

    /// What a response with a failure status means.
    func failure(_ response: WireFailure) -> ChatError
}

/// Reads one reply.
///
/// - Events, items and fields it does not know are skipped.
/// - ``ReplyEvent/finished(_:)`` comes once, last, from ``end()`` or before.
public protocol ReplyDecoder: Sendable {
    /// Appends what `event` says to `events`; throws what the provider reports as failed.
    mutating func decode(_ event: ServerSentEvent, into events: inout [ReplyEvent]) throws(ChatError)

    /// The stream is over: appends what was held back, or throws `provider_protocol` when its end is missing.
    mutating func end(into events: inout [ReplyEvent]) throws(ChatError)
}

/// A request in a wire format.
public struct WireRequest: Sendable {
    /// Below the base URL, such as `/chat/completions`.
    public var path: String
    /// Name and value, besides authorization and content type.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(path: String, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// A response that is not a reply.
public struct WireFailure: Sendable {
    public var status: Int
    /// Lower-case name to value.
    public var headers: [String: String]
    /// The first bytes of the body; may be empty, plain text or HTML.
    public var body: [UInt8]
    /// When it came, in seconds since 1970; nil when nobody looked at a clock.
    public var receivedAt: Int?

    public init(status: Int, headers: [String: String] = [:], body: [UInt8], receivedAt: Int? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}
