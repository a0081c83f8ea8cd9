package import SimpleStreamKit

/// A response of server-sent events as it arrives.
package struct TestEvents {
    /// One event.
    package struct Event: Sendable {
        package var id: Int?
        package var json: JSONValue

        package var type: String { json["type"]?.string ?? "" }
    }

    private var connection: TestConnection
    private var waiting: ArraySlice<Event> = []
    /// How the response began.
    package private(set) var head = TestConnection.Response(status: 0, headers: [:], body: [])

    init(_ connection: TestConnection) { self.connection = connection }

    mutating func readHead() async throws { head = try await connection.readHead() }

    /// The next event; nil at the end of the response.
    package mutating func next() async throws -> Event? {
        while waiting.isEmpty {
            guard let chunk = try await connection.readChunk() else { return nil }
            waiting = try parse(chunk)[...]
        }
        return waiting.popFirst()
    }

    /// All events to the end of the response.
    package mutating func rest() async throws -> [Event] {
        var events: [Event] = []
        while let event = try await next() { events.append(event) }
        return events
    }

    private mutating func parse(_ chunk: [UInt8]) throws -> [Event] {
        // One chunk of ours holds whole events.
        try String(decoding: chunk, as: UTF8.self).split(separator: "\n\n").compactMap { block in
            var event = Event(id: nil, json: .null)
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = Int(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { event.json = try JSONValue(parsing: Array(line.dropFirst(6).utf8)) }
            }
            return event.json.isNull ? nil : event
        }
    }
}
