extension ScriptedUpstream {
    /// What the upstream does after a request: bytes, handshakes with the test, and faults, in order.
    ///
    /// After the last step the connection waits for its next request, unless a step ended it.
    package struct Reply: Sendable {
        /// One thing to do on the connection.
        package enum Step: Sendable {
            /// Writes bytes, and waits while the client takes no more.
            case bytes([UInt8])
            /// Writes the same bytes until the client leaves.
            case endless([UInt8])
            /// The n-th one of a gate in a reply waits until the gate's number is n.
            case gate(Gate)
            /// Waits a while; for slow drips, never for synchronization.
            case delay(Duration)
            /// Says nothing more and waits for the client to leave.
            case hold
            /// Closes the connection.
            case close
            /// Cuts the connection with a TCP reset.
            case reset
        }

        /// How the end of a body is marked.
        package enum Framing: Sendable {
            case chunked, length, close
        }

        package var steps: [Step]

        package init(_ steps: [Step]) { self.steps = steps }

        /// Bytes as they are, HTTP or not.
        package static func raw(_ text: String, then steps: Step...) -> Reply {
            Reply([.bytes(Array(text.utf8))] + steps)
        }

        /// A whole response.
        ///
        /// - Parameters:
        ///   - pieces: the body, each piece in its own write, and its own chunk when chunked.
        ///   - gate: stands before each piece when given.
        package static func response(
            status: Int = 200,
            headers: [(String, String)] = [],
            pieces: [String] = [],
            framing: Framing = .length,
            gate: Gate? = nil
        ) -> Reply {
            var all = headers
            switch framing {
            case .chunked: all.append(("transfer-encoding", "chunked"))
            case .length: all.append(("content-length", "\(pieces.reduce(0) { $0 + $1.utf8.count })"))
            case .close: all.append(("connection", "close"))
            }
            var reply = head(status: status, headers: all)
            for piece in pieces where !piece.isEmpty {
                if let gate { reply.steps.append(.gate(gate)) }
                reply.steps.append(framing == .chunked ? .chunk(piece) : .bytes(Array(piece.utf8)))
            }
            switch framing {
            case .chunked: reply.steps.append(.lastChunk)
            case .length: break
            case .close: reply.steps.append(.close)
            }
            return reply
        }

        /// Only a response's head; what follows is up to the caller.
        package static func head(status: Int = 200, headers: [(String, String)] = [], then steps: Step...) -> Reply {
            let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
            return Reply([.bytes(Array("HTTP/1.1 \(status) \(reason(status))\r\n\(lines)\r\n".utf8))] + steps)
        }

        /// A chunked event stream: one chunk of `data: …` per event.
        package static func sse(events: [String], gate: Gate? = nil) -> Reply {
            response(
                headers: [("content-type", "text/event-stream")],
                pieces: events.map { "data: \($0)\n\n" },
                framing: .chunked,
                gate: gate
            )
        }

        /// An event stream from its bytes, lines and all, as recorded from a provider.
        package static func sse(recorded bytes: [UInt8]) -> Reply {
            let head = head(headers: [("content-type", "text/event-stream"), ("connection", "close")])
            return Reply(head.steps + [.bytes(bytes), .close])
        }

        /// A JSON response, by default the error of its status.
        package static func json(
            _ text: String = #"{"error":{"message":"scripted"}}"#,
            status: Int = 200,
            headers: [(String, String)] = []
        ) -> Reply {
            response(status: status, headers: [("content-type", "application/json")] + headers, pieces: [text])
        }

        /// A 429 that says when to try again.
        package static func rateLimited(retryAfterSeconds: Int) -> Reply {
            json(status: 429, headers: [("retry-after", "\(retryAfterSeconds)")])
        }

        /// Takes the request and never answers.
        package static var silence: Reply { Reply([.hold]) }
        /// Closes instead of answering.
        package static var earlyClose: Reply { Reply([.close]) }
        /// Resets instead of answering.
        package static var earlyReset: Reply { Reply([.reset]) }
        /// Something that is not HTTP.
        package static var garbage: Reply { raw("\u{1}\u{2}garbage\u{0}\r\n\r\nmore", then: .close) }
        /// A head of ever more fields.
        package static var endlessHead: Reply {
            raw("HTTP/1.1 200 OK\r\n", then: .endless(Array("x-more: 1\r\n".utf8)))
        }
        /// One header field that never ends.
        package static var endlessHeaderLine: Reply {
            raw("HTTP/1.1 200 OK\r\nx-long: ", then: .endless(Array(repeating: 0x61, count: 1024)))
        }
        /// A body of one line that never ends.
        package static var endlessLine: Reply {
            head(
                headers: [("content-type", "text/event-stream"), ("connection", "close")],
                then: .bytes(Array("data: ".utf8)), .endless(Array(repeating: 0x61, count: 16384))
            )
        }

        /// The same reply without its last `count` steps and with `steps` instead, for a fault in mid-stream.
        package func replacingLast(_ count: Int = 1, with steps: Step...) -> Reply {
            Reply(self.steps.dropLast(count) + steps)
        }

        /// The same bytes in writes of `size` bytes, `delay` apart when given.
        package func written(in size: Int, delay: Duration? = nil) -> Reply {
            Reply(
                steps.flatMap { step -> [Step] in
                    guard case .bytes(let bytes) = step else { return [step] }
                    return stride(from: 0, to: bytes.count, by: size).flatMap { start -> [Step] in
                        let piece = Step.bytes(Array(bytes[start..<min(start + size, bytes.count)]))
                        return delay.map { [piece, .delay($0)] } ?? [piece]
                    }
                }
            )
        }

        private static func reason(_ status: Int) -> String {
            switch status {
            case 200: "OK"
            case 401: "Unauthorized"
            case 429: "Too Many Requests"
            case 500: "Internal Server Error"
            default: "Status"
            }
        }
    }
}

extension ScriptedUpstream.Reply.Step {
    /// One chunk of a chunked body.
    package static func chunk(_ text: String) -> Self {
        .bytes(Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8))
    }

    /// The end of a chunked body.
    package static var lastChunk: Self { .bytes(Array("0\r\n\r\n".utf8)) }
}
