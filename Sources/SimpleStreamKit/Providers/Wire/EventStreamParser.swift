/// Cuts the bytes of a `text/event-stream` into events, however they arrive.
///
/// A value without I/O: ``append(_:)`` a chunk, pull with ``next()`` until nil, and ``end()`` when the stream is over.
/// Every byte is looked at once, also when a line comes byte by byte.
package struct EventStreamParser: Sendable {
    /// What stands in a stream.
    package enum Item: Sendable, Hashable {
        case event(ServerSentEvent)
        /// A comment: a sign of life.
        case comment
    }

    /// How much a peer may send before it is cut off.
    package struct Limits: Sendable {
        /// Bytes of one line. Default 1 MiB.
        package var line: Int
        /// Bytes of one event's data. Default 2 MiB.
        package var event: Int

        package init(line: Int = 1 << 20, event: Int = 2 << 20) {
            self.line = line
            self.event = event
        }
    }

    private let limits: Limits
    private let dispatchesUnfinishedEvent: Bool

    /// The chunk being read and how far it was.
    private var chunk: [UInt8] = []
    private var index = 0
    /// The line that earlier chunks began.
    private var begun: [UInt8] = []
    /// Whether the last byte was a CR, whose LF may come first in the next chunk.
    private var skipsLineFeed = false
    private var isFirstLine = true

    // The event so far.
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id: String?

    /// The lines that are no fields: a body that is JSON instead of an event stream, or an error put after one.
    private var stray: [UInt8] = []

    /// The reconnection time the stream asked for, in milliseconds.
    package private(set) var retry: Int?

    /// Makes a parser.
    ///
    /// - Parameter dispatchesUnfinishedEvent: whether ``end()`` returns an event that no blank line ended. Providers
    ///   leave it out; the specification drops such an event.
    package init(limits: Limits = Limits(), dispatchesUnfinishedEvent: Bool = true) {
        self.limits = limits
        self.dispatchesUnfinishedEvent = dispatchesUnfinishedEvent
    }

    /// Takes the next bytes. What was not pulled yet comes first.
    package mutating func append(_ bytes: [UInt8]) {
        if index == chunk.count {
            chunk = bytes
        } else {
            chunk = Array(chunk[index...]) + bytes
        }
        index = 0
    }

    /// The next event or comment; nil when more bytes are needed.
    ///
    /// - Throws: `provider_protocol` when a limit is passed.
    package mutating func next() throws(ChatError) -> Item? {
        while index < chunk.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if chunk[index] == 0x0A {
                    index += 1
                    continue
                }
            }
            guard let lineBreak = chunk.firstLineBreak(in: index..<chunk.count) else {
                try keepUnfinishedLine()
                return nil
            }
            let line = index..<lineBreak
            try check(lineOf: begun.count + line.count)
            index = lineBreak + 1
            skipsLineFeed = chunk[lineBreak] == 0x0D
            if let item = try finish(line) { return item }
        }
        return nil
    }

    /// The stream is over: the event that no blank line ended, else what stood outside of events, if that is JSON.
    ///
    /// Some providers send an error, or everything, as bare JSON. It comes as the data of an unnamed event.
    package mutating func end() throws(ChatError) -> ServerSentEvent? {
        guard dispatchesUnfinishedEvent else { return nil }
        if !begun.isEmpty, let item = try finish(0..<0), case .event(let event) = item { return event }
        if let event = dispatch() { return event }
        guard let first = stray.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        defer { stray = [] }
        return ServerSentEvent(data: stray)
    }

    private mutating func keepUnfinishedLine() throws(ChatError) {
        try check(lineOf: begun.count + chunk.count - index)
        begun += chunk[index...]
        index = chunk.count
    }

    private func check(lineOf count: Int) throws(ChatError) {
        guard count <= limits.line else {
            throw ChatError(.providerProtocol, "The provider sent a line longer than \(limits.line) bytes.")
        }
    }

    /// Reads a line whose last part stands in the chunk.
    private mutating func finish(_ line: Range<Int>) throws(ChatError) -> Item? {
        if begun.isEmpty {
            return try read(chunk, line)
        }
        var whole: [UInt8] = []
        swap(&whole, &begun)
        whole += chunk[line]
        let item = try read(whole, whole.indices)
        whole.removeAll(keepingCapacity: whole.capacity <= 4096)
        swap(&whole, &begun)
        return item
    }
}

// MARK: - Fields

extension EventStreamParser {
    private mutating func read(_ bytes: [UInt8], _ line: Range<Int>) throws(ChatError) -> Item? {
        var start = line.lowerBound
        if isFirstLine {
            isFirstLine = false
            if bytes[line].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
        }
        guard start < line.upperBound else { return dispatch().map(Item.event) }
        if isStray(bytes[start]) {
            let text = bytes[start..<line.upperBound]
            // JSON by lines: each is an event. An error that is bare JSON on one line need not wait for the end either.
            if stray.isEmpty, !hasData, Self.isWholeObject(text) { return .event(ServerSentEvent(data: Array(text))) }
            try keepStray(text)
            return nil
        }
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"), in: start..<line.upperBound) ?? line.upperBound
        guard colon > start else { return .comment }
        var value = min(colon + 1, line.upperBound)
        if value < line.upperBound, bytes[value] == 0x20 { value += 1 }
        try take(bytes, field: start..<colon, value: bytes[value..<line.upperBound])
        return nil
    }

    /// Whether a line that starts so is a piece of JSON: a bracket starts it, anything but a letter goes on with it.
    private func isStray(_ first: UInt8) -> Bool {
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return true }
        return !stray.isEmpty && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
            && first != UInt8(ascii: ":")
    }

    private static func isWholeObject(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}") else { return false }
        return (try? JSONValue(parsing: Array(line), .provider)) != nil  // Not JSON: a piece of some.
    }

    private mutating func keepStray(_ line: ArraySlice<UInt8>) throws(ChatError) {
        guard stray.count + line.count < limits.event else {
            throw ChatError(.providerProtocol, "The provider sent an event longer than \(limits.event) bytes.")
        }
        stray += line
        stray.append(0x0A)
    }

    private mutating func take(
        _ bytes: [UInt8],
        field: Range<Int>,
        value: ArraySlice<UInt8>
    ) throws(ChatError) {
        if bytes.holds("data", in: field) {
            try take(data: value)
        } else if bytes.holds("event", in: field) {
            name = String(decoding: value, as: UTF8.self)
        } else if bytes.holds("id", in: field) {
            if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        } else if bytes.holds("retry", in: field) {
            if let milliseconds = JSONNumber.integer(value), milliseconds >= 0 { retry = milliseconds }
        }
    }

    private mutating func take(data value: ArraySlice<UInt8>) throws(ChatError) {
        guard data.count + value.count < limits.event else {
            throw ChatError(.providerProtocol, "The provider sent an event longer than \(limits.event) bytes.")
        }
        if hasData {
            data.append(0x0A)
            data += value
        } else {
            data = Array(value)
            hasData = true
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            name = ""
            data = []
            hasData = false
            id = nil
        }
        return hasData ? ServerSentEvent(name: name, data: data, id: id) : nil
    }
}
