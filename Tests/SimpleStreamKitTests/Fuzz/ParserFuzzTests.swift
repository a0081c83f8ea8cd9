import TestSupport
import Testing

@testable import SimpleStreamKit

/// Damaged input to everything that reads outside bytes: an error or a value, never a crash, and always the same.
@Suite struct ParserFuzzTests {
    private static let json = [
        #"{"type":"ai_chat_request","conversationId":"new-chat","prompt":"Hällo 🦙","provider":"acme","maxTokens":12}"#,
        #"{"a":[1,-2.5e10,true,false,null,{"b":"\u00e9\ud83e\udd99\n"}],"c":"","d":{}}"#,
        #"{"type":"stream_subscribe","conversationId":"c","messageId":"m","afterSeq":7}"#,
        #"[[[[[[[[[[1]]]]]]]]]]"#, #""text""#, "0", "-0.0e-0", "  null  ",
    ]

    @Test(arguments: 0..<4 as Range<UInt64>)
    func jsonIsReadOrRefused(seed: UInt64) throws {
        var damage = Damage(Self.json, seed: seed)
        for _ in 0..<Damage.rounds {
            let bytes = damage.next()
            for options in [JSONOptions.client, .provider] {
                guard let value = try? JSONValue(parsing: bytes, options) else { continue }
                // What was understood is said again in the same way.
                #expect(try JSONValue(parsing: value.encoded, options) == value)
            }
            let view = JSONView(bytes)
            _ = (view.string, view["a"], view["type"]?.string, view["c"]?["b"])
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func messagesOfClientsAreReadOrRefused(seed: UInt64) {
        var damage = Damage(Self.json, seed: seed &+ 100)
        for _ in 0..<Damage.rounds {
            let bytes = damage.next()
            do throws(ChatError) {
                _ = try ClientEvent(decoding: bytes)
            } catch {
                #expect([.invalidMessage, .invalidRequest].contains(error.code))
            }
            _ = ClientEvent.requestID(in: bytes)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func eventStreamsMeanTheSameInEveryPiece(seed: UInt64) {
        let streams = [
            "data: a\r\ndata: b\r\n\r\n: ping\n\nevent: x\nid: 7\nretry: 10\ndata: {\"t\":\"ä🦙\"}\n\n",
            "\u{FEFF}data\n\ndata:\n\nevent: lonely\n\ndata: [DONE]\n\n", "data: last",
        ]
        var damage = Damage(streams, seed: seed &+ 200)
        for _ in 0..<Damage.rounds {
            let bytes = damage.next()
            let limits = EventStreamParser.Limits(line: 200, event: 300)
            let whole = Result { () throws(ChatError) in
                try EventStreamParser.items(of: bytes, chunkSize: max(1, bytes.count), limits: limits)
            }
            let size = damage.number(in: 1...9)
            let pieces = Result { () throws(ChatError) in
                try EventStreamParser.items(of: bytes, chunkSize: size, limits: limits)
            }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one == other)
            case (.failure(let one), .failure(let other)): #expect(one.code == other.code)
            default: Issue.record("one way an error, the other not: \(bytes)")
            }
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func smallTextsAreReadOrRefused(seed: UInt64) {
        let texts = [
            "https://a.example:8443/v1", "http://[::1]/x", "10.0.0.0/8", "fd00::/8", "::ffff:1.2.3.4", "1.2.3.4:80",
            "1:\(String(repeating: "a1", count: 32)),2:\(String(repeating: "b2", count: 32))", "pt-BR", "Europe/Lisbon",
            "data:image/png;base64,AAAA", "data:text/plain,x", "\"a b\" -c* OR (d)", "Wed, 21 Oct 2026 07:28:00 GMT",
        ]
        var damage = Damage(texts, seed: seed &+ 300)
        for _ in 0..<Damage.rounds {
            let bytes = damage.next()
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? BaseURL(text, allowsPlainHTTP: true)
            _ = (IPAddress(text)?.limitKey, IPPrefix(text), try? AESGCMKeyVault(keyring: text))
            _ = (Profile.country(text), Profile.locale(text), Profile.timeZone(text), DataURL(text))
            _ = (SearchText.phrases(text), [UInt8](hex: text), try? PageCursor.conversation(text))
            _ = (try? PageCursor.message(text), SecretScrubber.scrub(text, of: Secret("sk-0123456789")))
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func journalsAreReadUpToTheDamage(seed: UInt64) {
        var block: [UInt8] = []
        let frames = (1...20).map { RunLogConformance.frame("m", $0) }
        #expect(JournalCoding.encode(frames.map(JournalRecord.init), into: &block))
        var damage = Damage([block, block + block], seed: seed &+ 400)
        for _ in 0..<Damage.rounds {
            let (records, skipped) = JournalCoding.decode(damage.next())
            #expect(records.count <= 200)
            #expect(skipped >= 0)
        }
    }
}
