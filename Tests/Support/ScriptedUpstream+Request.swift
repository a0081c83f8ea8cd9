extension ScriptedUpstream {
    /// A request as it arrived.
    package struct Request: Sendable, Hashable {
        /// The method's name.
        package var method: String
        /// The request's target as sent: a path with its query, or a whole URL or `host:port` for a proxy.
        package var path: String
        /// Names in lower case, in the order sent.
        package var headers: [Header]
        /// The body, chunks already joined.
        package var body: [UInt8]
        /// Which connection it came on, counted from 1.
        package var connection: Int

        /// One line of the head.
        package struct Header: Sendable, Hashable {
            package var name: String
            package var value: String
        }

        /// The first value of a header, by its lower-case name.
        package subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }

        /// The body as text.
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Takes requests out of a connection's bytes.
    struct RequestParser {
        let connection: Int
        private var bytes: [UInt8] = []

        init(connection: Int) { self.connection = connection }

        mutating func bytesArrived(_ more: some Sequence<UInt8>) -> [Request] {
            bytes += more
            var requests: [Request] = []
            while let request = next() { requests.append(request) }
            return requests
        }

        private mutating func next() -> Request? {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            let words = lines.first?.split(separator: " ") ?? []
            var request = Request(
                method: words.first.map(String.init) ?? "",
                path: words.dropFirst().first.map(String.init) ?? "",
                headers: lines.dropFirst().map(Self.header),
                body: [],
                connection: connection
            )
            var rest = bytes[end.upperBound...]
            if request[header: "transfer-encoding"]?.lowercased() == "chunked" {
                guard let body = Self.chunkedBody(&rest) else { return nil }
                request.body = body
            } else {
                let length = request[header: "content-length"].flatMap(Int.init) ?? 0
                guard rest.count >= length else { return nil }
                request.body = Array(rest.prefix(length))
                rest = rest.dropFirst(length)
            }
            bytes = Array(rest)
            return request
        }

        private static func header(_ line: Substring) -> Request.Header {
            let name = line.prefix { $0 != ":" }
            let value = line.dropFirst(name.count + 1).drop { $0 == " " }
            return Request.Header(name: name.lowercased(), value: String(value))
        }

        private static func chunkedBody(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
            var body: [UInt8] = []
            while let line = rest.firstRange(of: Array("\r\n".utf8)) {
                let digits = rest[rest.startIndex..<line.lowerBound]
                guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
                let data = rest[line.upperBound...]
                guard data.count >= size + 2 else { return nil }
                body += data.prefix(size)
                rest = data.dropFirst(size + 2)
                if size == 0 { return body }
            }
            return nil
        }
    }
}
