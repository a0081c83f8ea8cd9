import SimpleStreamKit
import TestSupport
import Testing

extension EndToEnd {
    /// Frames and messages nobody should send, at a server that runs.
    @Suite struct MessageAttackTests {
        /// Bytes on an open socket and the code it is closed with.
        static let frames: [(name: String, bytes: [UInt8], code: Int)] = [
            ("unmasked", [0x81, 0x01, 0x41], 1002),
            ("reserved bit", [0xC1, 0x80, 0, 0, 0, 0], 1002),
            ("reserved opcode", [0x83, 0x80, 0, 0, 0, 0], 1002),
            ("reserved control opcode", [0x8B, 0x80, 0, 0, 0, 0], 1002),
            ("fragmented ping", [0x09, 0x80, 0, 0, 0, 0], 1002),
            ("long ping", [0x89, 0xFE, 0, 126, 0, 0, 0, 0], 1002),
            ("continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002),
            ("close of one byte", [0x88, 0x81, 0, 0, 0, 0, 0x03], 1002),
            ("close with a reserved code", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], 1002),
            ("length not shortest", [0x81, 0xFE, 0, 1, 0, 0, 0, 0, 0x41], 1002),
            ("length of 64 bits", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1002),
            ("bad UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ("bad UTF-8 in a part", [0x01, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ("surrogate as UTF-8", [0x81, 0x83, 0, 0, 0, 0, 0xED, 0xA0, 0x80], 1007),
            ("binary", [0x82, 0x81, 0, 0, 0, 0, 0x41], 1003),
            ("over 1 MiB", [0x81, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0], 1009),
            (
                "over 1 MiB in parts",
                [0x01, 0xFF, 0, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x20, count: 1 << 19)
                    + [0x80, 0xFF, 0, 0, 0, 0, 0, 0x08, 0, 1, 0, 0, 0, 0], 1009
            ),
            ("ping flood", Array([[UInt8]](repeating: [0x89, 0x80, 0, 0, 0, 0], count: 200).joined()), 1008),
            (
                "fragment flood",
                [0x01, 0x80, 0, 0, 0, 0] + Array([[UInt8]](repeating: [0x00, 0x80, 0, 0, 0, 0], count: 2000).joined()),
                1008
            ),
        ]

        /// Messages and the code they are answered with.
        static let messages: [(text: String, code: String)] = [
            ("", "invalid_message"), ("{", "invalid_message"), ("[]", "invalid_message"), ("7", "invalid_message"),
            (#"{"type":"nonsense"}"#, "invalid_message"), (#"{"type":"ai_chat_response"}"#, "invalid_message"),
            (#"{"type":"session:ready"}"#, "invalid_message"), (#"{"a":1}"#, "invalid_message"),
            (#"{"type":"ping","a":"\u0000"}"#, "invalid_message"),
            (#"{"type":"ping","a":"\ud800"}"#, "invalid_message"),
            (#"{"type":"ping","a":"# + String(repeating: "[", count: 100) + "}", "invalid_message"),
        ]

        static let requests: [(text: String, code: String, names: String)] = [
            (#"{"type":"ai_chat_request"}"#, "invalid_request", "conversationId"),
            (
                #"{"type":"ai_chat_request","conversationId":null,"prompt":"x","provider":"acme"}"#, "invalid_request",
                "conversationId"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":7,"provider":"acme"}"#,
                "invalid_request", "prompt"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"","provider":"acme"}"#,
                "invalid_request", "prompt"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"nope"}"#,
                "invalid_request", "provider"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","temperature":9}"#,
                "invalid_request", "temperature"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","maxTokens":0}"#,
                "invalid_request", "maxTokens"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","maxTokens":1e99}"#,
                "invalid_request", "maxTokens"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","attachments":"a"}"#,
                "invalid_request", "attachments"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","metadata":[]}"#,
                "invalid_request", "metadata"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"nope","prompt":"x","provider":"acme"}"#, "not_found",
                "conversation"
            ),
            (
                #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","attachments":["nope"]}"#,
                "not_found", "attachment"
            ),
            (#"{"type":"stream_subscribe","conversationId":"nope"}"#, "not_found", "conversation"),
            (#"{"type":"stream_subscribe","conversationId":"nope","afterSeq":-1}"#, "invalid_request", "afterSeq"),
            (#"{"type":"ai_chat_cancel"}"#, "invalid_request", "messageId"),
            (#"{"type":"ai_chat_cancel","messageId":"nope"}"#, "not_found", "run"),
            (#"{"type":"typing","conversationId":"nope"}"#, "not_found", "conversation"),
        ]

        @Test func framesEndTheSocketThatSentThem() async throws {
            try await withServer(reply(["a"])) { server, upstream in
                try await server.withSocket { bystander in
                    for frame in Self.frames {
                        let code = try await server.withSocket { socket in
                            try? await socket.send(raw: frame.bytes)
                            return try await socket.closeCode()
                        }
                        #expect(code == frame.code, "\(frame.name)")
                    }
                    try await bystander.send(["type": "ping", "t": 1])
                    #expect(try await bystander.next("pong")["t"] == 1)
                }
                #expect(try await server.http.get("/api/conversations").json["items"] == [])
                #expect(upstream.requests.isEmpty)
            }
        }

        @Test func messagesAreAnsweredAndChangeNothing() async throws {
            try await withServer(reply(["a"])) { server, upstream in
                for message in Self.messages {
                    try await server.withSocket { socket in
                        try await socket.send(text: message.text)
                        #expect(
                            try await socket.next("error")["code"] == .string(message.code),
                            "\(message.text.prefix(90))")
                    }
                }
                for request in Self.requests {
                    try await server.withSocket { socket in
                        try await socket.send(text: request.text)
                        let error = try await socket.next("error")
                        #expect(error["code"] == .string(request.code), "\(request.text)")
                        #expect(error["message"]?.string?.contains(request.names) == true, "\(request.text): \(error)")
                    }
                }
                #expect(try await server.http.get("/api/conversations").json["items"] == [])
                #expect(upstream.requests.isEmpty)
            }
        }

        @Test func theEleventhMalformedMessageIsTheLast() async throws {
            try await withServer(reply(["a"])) { server, _ in
                try await server.withSocket { socket in
                    for _ in 0..<11 { try await socket.send(text: "{") }
                    #expect(try await socket.closeCode() == 1008)
                }
            }
        }

        @Test func fieldsNobodyKnowsAreIgnored() async throws {
            try await withServer(reply(["fine"])) { server, _ in
                try await server.withSocket { socket in
                    try await socket.send(
                        text:
                            #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"x","provider":"acme","userId":"root","admin":true,"apiKey":"sk-mine"}"#
                    )
                    let answer = try await socket.follow()
                    #expect(answer.text == "fine")
                    // Beyond what there is: the whole text again.
                    try await socket.send([
                        "type": "stream_subscribe", "conversationId": .string(answer.conversationID),
                        "messageId": .string(answer.messageID), "afterSeq": 999_999,
                    ])
                    #expect(try await socket.next("stream:snapshot")["text"] == "fine")
                }
            }
        }
    }
}
