import NIOCore
import Testing

@testable import SimpleStreamServer

/// Random and damaged input: nothing crashes, nothing loops, nothing invalid comes out.
@Suite struct WebSocketFuzzTests {
    /// Repeatable random numbers (SplitMix64).
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Every call of `next` must take bytes or end the session, so there are never more actions than bytes.
    private func drive(_ bytes: [UInt8], using random: inout Seeded) throws {
        var session = WebSocketSession(limits: WebSocketLimits(messageBytes: 4096))
        var actions = 0
        var hasEnded = false
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...64, using: &random))
            var buffer = ByteBuffer(bytes: bytes[start..<end])
            while let action = session.next(from: &buffer, at: .uptimeNanoseconds(0)) {
                actions += 1
                try #require(!hasEnded, "nothing may follow the end")
                try #require(actions <= bytes.count)
                switch action {
                case .text(let text):
                    #expect(String(validating: text, as: UTF8.self) != nil)
                    #expect(text.count <= 4096)
                case .binary(let payload): #expect(payload.count <= 4096)
                case .write(let frame): #expect(frame.count <= 127)
                case .end(let end, let farewell):
                    hasEnded = true
                    #expect(end.code.mayBeSent || end.code == .noStatus)
                    #expect(farewell.count <= 127)
                }
            }
            #expect(buffer.readableBytes == 0, "all bytes are taken")
            start = end
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func randomBytes(seed: UInt64) throws {
        var random = Seeded(state: seed)
        for _ in 0..<300 {
            let count = Int.random(in: 1...200, using: &random)
            try drive((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, using: &random)
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func damagedConversations(seed: UInt64) throws {
        var random = Seeded(state: seed &+ 1000)
        let opcodes: [UInt8] = [0, 1, 1, 2, 8, 9, 10]
        for _ in 0..<300 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let text = (0..<Int.random(in: 0...150, using: &random)).map { _ in
                    Unicode.Scalar(UInt32.random(in: 0x20...0x2FF, using: &random)) ?? " "
                }
                let payload = Array(String(String.UnicodeScalarView(text)).utf8)
                let opcode = opcodes.randomElement(using: &random) ?? 1
                bytes += ClientFrame(opcode: opcode, payload: payload, isFinal: .random(using: &random)).bytes
            }
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try drive(bytes, using: &random)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func validatorAgreesWithTheStandardLibrary(seed: UInt64) {
        var random = Seeded(state: seed)
        let interesting: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<4000 {
            var bytes = [UInt8](repeating: 0x61, count: Int.random(in: 0...20, using: &random))
            bytes += (0..<Int.random(in: 1...4, using: &random)).map { _ in
                interesting.randomElement(using: &random) ?? 0
            }
            var validator = UTF8Validator()
            let isValid = validator.consume(bytes) && validator.isComplete
            #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }

    @Test(arguments: 0...9)
    func maskingIsTheSameAtEveryOffset(offset: Int) {
        let payload = (0..<100).map { UInt8($0) }
        let mask: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]
        let word = mask.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
        let masked = payload.enumerated().map { $1 ^ mask[$0 % 4] }
        var tail = Array(payload[..<offset]) + masked[offset...]
        WebSocketMask.apply(word, to: &tail, from: offset, offset: offset)
        #expect(tail == payload)
    }
}
