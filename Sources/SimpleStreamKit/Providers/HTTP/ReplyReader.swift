/// Reads a reply: bytes to events of the stream to events of the reply.
struct ReplyReader {
    private var chunks: HTTPBody.Iterator
    private var decoder: any ReplyDecoder
    private let description: ProviderDescription
    private let scrub: (ChatError) -> ChatError

    private var parser: EventStreamParser
    private var answerBytes = 0
    private var isFinished = false
    /// Found behind events that must be handed out first.
    private var failure: ChatError?

    init(
        content: HTTPBody,
        decoder: any ReplyDecoder,
        description: ProviderDescription,
        scrub: @escaping (ChatError) -> ChatError
    ) {
        chunks = content.makeAsyncIterator()
        self.decoder = decoder
        self.description = description
        self.scrub = scrub
        parser = EventStreamParser(limits: description.streamLimits)
    }

    /// The events of the next bytes that hold any; nil after the last.
    mutating func nextBatch() async throws(ChatError) -> [ReplyEvent]? {
        if let failure {
            self.failure = nil
            isFinished = true
            throw scrub(failure)
        }
        while !isFinished {
            let chunk = try await chunks.next()
            var events: [ReplyEvent] = []
            do {
                if let chunk {
                    try take(chunk, into: &events)
                } else {
                    try end(into: &events)
                    isFinished = true
                }
                try check(events)
            } catch {
                // What came before the failure is shown first.
                if events.isEmpty {
                    isFinished = true
                    throw scrub(error)
                }
                failure = error
            }
            if case .finished? = events.last {
                isFinished = true
                failure = nil
            }
            if !events.isEmpty { return events }
        }
        return nil
    }

    private mutating func take(_ chunk: [UInt8], into events: inout [ReplyEvent]) throws(ChatError) {
        var isAlive = false
        parser.append(chunk)
        while let item = try parser.next() {
            // Pings, and progress that nobody is told of, are signs of life like comments.
            isAlive = true
            if case .event(let event) = item { try decoder.decode(event, into: &events) }
        }
        if isAlive, events.isEmpty { events.append(.activity) }
    }

    private mutating func end(into events: inout [ReplyEvent]) throws(ChatError) {
        while let event = try parser.end() { try decoder.decode(event, into: &events) }
        try decoder.end(into: &events)
    }

    private mutating func check(_ events: [ReplyEvent]) throws(ChatError) {
        for event in events { answerBytes += event.contentBytes }
        guard answerBytes <= description.maxAnswerBytes else {
            throw ChatError(.providerProtocol, "The answer is longer than \(description.maxAnswerBytes) bytes.")
        }
    }
}

extension ReplyEvent {
    /// How much it adds to an answer.
    fileprivate var contentBytes: Int {
        switch self {
        case .text(let text), .thinking(let text): text.utf8.count
        case .tool(let event):
            // A step without arguments takes room, too.
            64 + event.id.utf8.count + event.name.utf8.count + (event.input?.utf8.count ?? 0)
                + (event.output?.utf8.count ?? 0)
        case .citations(let citations): citations.reduce(0) { $0 + 64 + $1.url.utf8.count + $1.title.utf8.count }
        case .inlineData(_, let bytes): bytes.count
        case .model(let name): name.utf8.count
        case .usage, .state, .activity, .skipped, .finished: 0
        }
    }
}
