import TestSupport

/// Ways to break a stream, as networks, proxies and hostile servers do.
enum Mutation: CaseIterable {
    case flipBits, overwrite, dropLine, doubleLine, swapLines, truncate, splice, hugeNumber, nest, longText, insertNoise
    case dropPiece, lineEnds

    /// `bytes` broken in one or several of these ways.
    static func mutated(_ bytes: [UInt8], with other: [UInt8], by generator: inout SeededGenerator) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !result.isEmpty {
            let kind = allCases.randomElement(using: &generator) ?? .flipBits
            result = kind.apply(to: result, other, &generator)
        }
        return result
    }

    private func apply(to bytes: [UInt8], _ other: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        switch self {
        case .flipBits:
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] ^=
                    1 << UInt8.random(in: 0...7, using: &generator)
            }
        case .overwrite:
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
        case .dropLine, .doubleLine, .swapLines:
            return lines(of: bytes, &generator)
        case .truncate:
            bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
        case .splice:
            let end = Int.random(in: 0...other.count, using: &generator)
            bytes.replaceSubrange(range(in: bytes, &generator), with: other[..<end].suffix(4_000))
        case .hugeNumber:
            let numbers = ["1e999", "-1", "99999999999999999999999999999", "-9223372036854775809", "0.1e-400", "1e18"]
            return replacingDigits(of: bytes, with: numbers.randomElement(using: &generator) ?? "1e999", &generator)
        case .nest:
            let count = Int.random(in: 1...20_000, using: &generator)
            let bracket = Bool.random(using: &generator) ? "[" : #"{"a":"#
            insert(Array(String(repeating: bracket, count: count).utf8), into: &bytes, &generator)
        case .longText:
            let word = ["a", "é", "\\ud83d", "\\u0000", "👋🏽"].randomElement(using: &generator) ?? "a"
            let count = Int.random(in: 1...20_000, using: &generator)
            insert(Array(String(repeating: word, count: count).utf8), into: &bytes, &generator)
        case .insertNoise:
            let noise = [
                "\0", "\r", "\n\n", "data: ", ": ping\n", "event: error\n", "[DONE]", "null", "}", "\"", "\u{FEFF}",
            ]
            insert(Array((noise.randomElement(using: &generator) ?? "\0").utf8), into: &bytes, &generator)
        case .dropPiece:
            bytes.removeSubrange(range(in: bytes, &generator))
        case .lineEnds:
            let end: [UInt8] = Bool.random(using: &generator) ? [0x0D] : [0x0D, 0x0A]
            bytes = bytes.flatMap { $0 == 0x0A ? end : [$0] }
        }
        return bytes
    }

    private func lines(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        let index = Int.random(in: lines.indices, using: &generator)
        switch self {
        case .dropLine: lines.remove(at: index)
        case .doubleLine: lines.insert(lines[index], at: Int.random(in: lines.indices, using: &generator))
        default: lines.swapAt(index, Int.random(in: lines.indices, using: &generator))
        }
        return Array(lines.joined(separator: [0x0A]))
    }

    private func replacingDigits(
        of bytes: [UInt8], with number: String, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let start = Int.random(in: bytes.indices, using: &generator)
        guard let first = bytes[start...].firstIndex(where: isDigit) else { return bytes }
        let end = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        return Array(bytes[..<first]) + Array(number.utf8) + Array(bytes[end...])
    }

    private func range(in bytes: [UInt8], _ generator: inout SeededGenerator) -> Range<Int> {
        let start = Int.random(in: bytes.indices, using: &generator)
        return start..<min(bytes.count, start + Int.random(in: 0...400, using: &generator))
    }

    private func insert(_ piece: [UInt8], into bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &generator))
    }
}
