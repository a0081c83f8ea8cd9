/// A provider's error, read from whatever shape it came in.
package struct FailureReport: Sendable {
    /// The HTTP status, or what the body says it would have been; 0 when nobody says.
    package var status: Int
    /// The body's code and type, in lower case.
    package var codes: Set<String> = []
    /// The provider's own sentence.
    package var message = ""
    /// The parameter it complains about.
    package var parameter: String?
    /// All its sentences, and the names in its details, in lower case, for matching.
    package var words = ""
    /// The whole body, when it was JSON.
    package var json: JSONValue?

    /// Reads the body of a failed response.
    package init(_ failure: WireFailure) {
        self.init(status: failure.status)
        if let json = try? JSONValue(parsing: failure.body, .provider) {  // Not JSON: plain text or HTML.
            read(json)
        } else {
            message = Self.text(failure.body)
        }
        finish()
    }

    /// Reads an error inside a stream.
    package init(inStream json: JSONValue) {
        self.init(status: 0)
        read(json)
        finish()
    }

    private init(status: Int) { self.status = status }

    /// Takes an object, the error inside it, or a list of such.
    private mutating func read(_ json: JSONValue) {
        var json = json
        if let first = json.array?.first { json = first }
        self.json = json
        switch json["error"] {
        case .object(let error)?: read(error)
        case .string(let text)?: message = text
        default: break
        }
        guard let outer = json.object else {
            message = json.string ?? message
            return
        }
        if message.isEmpty || codes.isEmpty { read(outer) }
    }

    private mutating func read(_ error: JSONObject) {
        for key in ["code", "type", "status", "error_code"] {
            guard let value = error[key] else { continue }
            if let text = value.string { codes.insert(text.lowercased()) }
            // Gateways write the status they had from elsewhere as text, too.
            let number = value.int ?? value.string.flatMap { Int($0) }
            if let number, 400..<600 ~= number, status == 0 || status == 200 { status = number }
        }
        for key in ["message", "detail", "msg", "error_description"] where message.isEmpty {
            message = error[key]?.string ?? ""
        }
        parameter = parameter ?? error["param"]?.string
        if let code = error["innererror"]?["code"]?.string { codes.insert(code.lowercased()) }
        if let raw = error["metadata"]?["raw"]?.string { words += raw + "\n" }
        if let details = error["details"] { read(details: details) }
    }

    /// Names that say more than the status: Google has them in a list, Anthropic in an object.
    private mutating func read(details: JSONValue) {
        for detail in details.array ?? [details] {
            for key in ["reason", "error_code"] {
                if let name = detail[key]?.string { words += name + "\n" }
            }
        }
    }

    private mutating func finish() { words = (words + message).lowercased() }

    /// Plain text as it is; of a page only that it was one.
    private static func text(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(2000), as: UTF8.self)
        let start = text.drop { $0.isWhitespace }
        return start.hasPrefix("<") ? "an HTML page" : String(start)
    }
}
