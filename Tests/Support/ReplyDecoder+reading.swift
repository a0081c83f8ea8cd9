package import SimpleStreamKit

extension WireFormat {
    /// What a stream made of these payloads says.
    package func events(of payloads: [String], named name: String = "") throws(ChatError) -> [ReplyEvent] {
        var decoder = makeDecoder()
        var events: [ReplyEvent] = []
        for payload in payloads {
            try decoder.decode(ServerSentEvent(name: name, data: Array(payload.utf8)), into: &events)
        }
        try decoder.end(into: &events)
        return events
    }

    /// The same, added up; a failure keeps what came before it.
    package func summary(of payloads: [String]) -> ReplySummary {
        var decoder = makeDecoder()
        return decoder.summary(of: payloads.map { .event(ServerSentEvent(data: Array($0.utf8))) })
    }

    /// What a stream of these items says.
    package func summary(ofItems items: [EventStreamParser.Item]) -> ReplySummary {
        var decoder = makeDecoder()
        return decoder.summary(of: items)
    }

    /// The request's body as JSON.
    package func json(for prompt: Prompt) throws -> JSONValue {
        try JSONValue(parsing: request(for: prompt).body)
    }
}
