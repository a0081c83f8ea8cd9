import TestSupport
import Testing

@testable import SimpleStreamRedis

@Suite struct ReplyParserTests {
    /// What is read of `bytes` that come in pieces of `size`; nil when they are refused.
    private func parse(
        _ bytes: [UInt8], size: Int = .max, limits: ReplyParser.Limits = ReplyParser.Limits()
    ) throws -> [RedisValue]? {
        let parser = try ReplyParser(limits)
        var values: [RedisValue] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(RedisError) {
                try parser.feed(Array(rest.prefix(size))) { values.append($0) }
            } catch {
                #expect(error.code == .violation)
                return nil
            }
            rest = rest.dropFirst(size)
        }
        return values
    }

    private static let wire = Array(
        ("+OK\r\n-READONLY You can't write.\r\n:-42\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
            + "*3\r\n$7\r\nmessage\r\n*2\r\n:1\r\n$-1\r\n+QUEUED\r\n").utf8)
    private static let values: [RedisValue] = [
        .status("OK"), .error("READONLY You can't write."), .integer(-42), .string(Array("a\r\nbc".utf8)), .string([]),
        .null, .null, .array([]),
        .array([.string(Array("message".utf8)), .array([.integer(1), .null]), .status("QUEUED")]),
    ]

    @Test func repliesSurviveEverySplit() throws {
        for size in 1...Self.wire.count { #expect(try parse(Self.wire, size: size) == Self.values) }
    }

    @Test func longStringsComeWhole() throws {
        let text = [UInt8](repeating: 7, count: 3 << 20)
        let wire = Array("$\(text.count)\r\n".utf8) + text + Array("\r\n:1\r\n".utf8)
        #expect(try parse(wire, size: 70_001) == [.string(text), .integer(1)])
    }

    @Test(arguments: [
        "$10000000000\r\n", "$67108865\r\nx", "$99999999999999999999999999", "*1000000000\r\n", "*262145\r\n",
        "*2\r\n*262144\r\n", "$-2\r\n", "*-2\r\n", "?what\r\n", "HTTP/1.1 400 Bad Request\r\n", ":1x\r\n",
        "*1\r\n$10000000000\r\n",
    ])
    func whatIsNoReplyOrTooMuchIsRefused(wire: String) throws {
        for size in [1, 5, 1000] { #expect(try parse(Array(wire.utf8), size: size) == nil) }
    }

    @Test(arguments: [("*1\r\n", 8), ("*1\r\n", 100_000), ("+xxxxxxxxx", 6_600), ("$11111111", 8_250)])
    func whatGoesOnTooLongIsRefused(piece: String, count: Int) throws {
        let wire = String(repeating: piece, count: count)
        for size in [1000, .max] { #expect(try parse(Array(wire.utf8), size: size) == nil) }
    }

    @Test func claimsTakeNoMemory() throws {
        // Each list within the list claims as much as all together may have.
        let lists = String(repeating: "*200000\r\n", count: 7)
        #expect(try parse(Array(lists.utf8)) == nil)
    }

    @Test func aReplyIsBoundedAsAWhole() throws {
        var limits = ReplyParser.Limits()
        limits.reply = 10_000
        let item = "$1000\r\n" + String(repeating: "x", count: 1000) + "\r\n"
        #expect(try parse(Array(("*9\r\n" + String(repeating: item, count: 9)).utf8), limits: limits)?.count == 1)
        #expect(
            try parse(Array(("*20\r\n" + String(repeating: item, count: 20)).utf8), size: 100, limits: limits) == nil)
        // The bound is for each, not for all.
        #expect(try parse(Array(String(repeating: item, count: 50).utf8), limits: limits)?.count == 50)
    }

    @Test func mutatedBytesNeverCrash() throws {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<20_000 {
            var bytes = Self.wire
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = bytes.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = .random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(Self.wire.randomElement(using: &random) ?? 0, at: index)
                }
            }
            let size = Int.random(in: 1...bytes.count, using: &random)
            // The split makes no difference.
            #expect(try parse(bytes, size: size) == parse(bytes))
        }
    }

    @Test func commandsGoOutAsRedisReadsThem() throws {
        var command = RedisCommand("SET", "")
        command.append([0, 13, 10, 255])
        var wire: [UInt8] = [1]
        try command.encode(into: &wire)
        #expect(wire == [1] + Array("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n".utf8) + [0, 13, 10, 255, 13, 10])
    }
}
