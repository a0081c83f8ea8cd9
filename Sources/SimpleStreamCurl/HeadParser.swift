import HTTPTypes

/// Makes a response's head of the lines that libcurl hands over, interim responses and trailers left out.
struct HeadParser {
    enum Action: Equatable {
        case needsMore
        case head(HTTPResponse)
        /// What the other side sent, as words that follow "sent".
        case refused(String)
    }

    private let limit: Int
    private var count = 0
    private var response: HTTPResponse?
    /// Whether the final head was handed out: trailers follow.
    private(set) var isComplete = false

    init(limit: Int) { self.limit = limit }

    /// Takes one line with its line end.
    mutating func lineArrived(_ line: UnsafeRawBufferPointer) -> Action {
        count += line.count
        guard count <= limit else { return .refused("a response head of more than \(limit) bytes") }
        guard !isComplete else { return .needsMore }
        let text = unsafe String(decoding: line, as: UTF8.self)
        let content = text.prefix { !$0.isNewline }
        if content.isEmpty { return headEnded() }
        if content.hasPrefix("HTTP/") {
            guard let response = Self.statusLine(content) else { return .refused("a malformed status line") }
            self.response = response
        } else {
            add(content)
        }
        return .needsMore
    }

    private mutating func headEnded() -> Action {
        guard let response else { return .refused("a response without a status") }
        // 100 to 199 announce the response, they are not it.
        guard response.status.kind != .informational else {
            self.response = nil
            return .needsMore
        }
        isComplete = true
        return .head(response)
    }

    private static func statusLine(_ line: Substring) -> HTTPResponse? {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[1].utf8.count == 3, let code = Int(words[1]), (100...599).contains(code) else {
            return nil
        }
        return HTTPResponse(status: .init(code: code, reasonPhrase: words.count > 2 ? String(words[2]) : ""))
    }

    /// Lines that are no field are left out: nothing depends on them.
    private mutating func add(_ line: Substring) {
        guard let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) else { return }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        response?.headerFields.append(HTTPField(name: name, value: String(value)))
    }
}
