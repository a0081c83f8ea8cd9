import Foundation

/// Makes damaged input out of good one: what a fuzzer does, repeatably.
package struct Damage {
    private let seeds: [[UInt8]]
    private var random: SeededGenerator

    /// How many inputs a test tries: fifty for each of `SS_FUZZ_ROUNDS`, which is 8 by itself.
    package static var rounds: Int {
        ProcessInfo.processInfo.environment["SS_FUZZ_ROUNDS"].flatMap { Int($0) }.map { min($0, 1_000_000) * 50 } ?? 400
    }

    package init(_ seeds: [String], seed: UInt64) {
        self.init(seeds.map { Array($0.utf8) }, seed: seed)
    }

    package init(_ seeds: [[UInt8]], seed: UInt64) {
        self.seeds = seeds
        random = SeededGenerator(seed: seed)
    }

    /// The next input: a good one with a few bytes changed, added, left out, repeated or swapped with another's.
    package mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 0...6, using: &random) { change(&bytes) }
        return bytes
    }

    /// A number for the test's own use.
    package mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
        case 4:
            let part = bytes[place..<min(bytes.count, place + Int.random(in: 1...40, using: &random))]
            bytes.insert(contentsOf: Array(repeating: part, count: 3).joined(), at: place)
        case 5:
            let other = seeds.randomElement(using: &random) ?? []
            bytes = Array(bytes.prefix(place)) + other.suffix(Int.random(in: 0...max(0, other.count), using: &random))
        default:
            let odd: [[UInt8]] = [
                [0], [0xFF], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], Array("\\ud800".utf8), [0x0D, 0x0A],
            ]
            bytes.insert(contentsOf: odd.randomElement(using: &random) ?? [], at: place)
        }
    }
}
