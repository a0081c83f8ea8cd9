/// One dispatched event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Hashable {
    /// The `event` field; empty when there was none.
    public var name: String
    /// The `data` lines joined by line feeds. UTF-8 is not checked here.
    public var data: [UInt8]
    /// The `id` field of this event; nil when there was none.
    public var id: String?

    public init(name: String = "", data: [UInt8], id: String? = nil) {
        self.name = name
        self.data = data
        self.id = id
    }
}
