import Testing

@testable import SimpleStreamKit

@Suite struct UUIDv7Tests {
    @Test func idsAreWellFormedAndRise() {
        let ids = (0..<20_000).map { _ in UUIDv7.make() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy(UUIDv7.isWellFormed))
        #expect(ids.allSatisfy { Array($0)[14] == "7" && "89ab".contains(Array($0)[19]) })
    }

    @Test func idsOfManyTasksDiffer() async {
        let ids = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { (0..<2_000).map { _ in UUIDv7.make() } } }
            return await group.reduce(into: [], +=)
        }
        #expect(Set(ids).count == 16_000)
    }

    @Test func holdsTheTime() {
        var generator = UUIDv7.Generator()
        let id = generator.next(milliseconds: 0x0123_4567_89AB, random: (0, .max))
        #expect(id.high == 0x0123_4567_89AB_7000)
        #expect(id.low == 0xBFFF_FFFF_FFFF_FFFF)
    }

    @Test func risesWhenTheClockStandsStillOrGoesBack() {
        var generator = UUIDv7.Generator()
        var last = generator.next(milliseconds: 1_000, random: (.max, 0)).high
        for step in 0..<10_000 {
            let next = generator.next(milliseconds: step % 2 == 0 ? 1_000 : 900, random: (.max, 0)).high
            #expect(next > last)
            last = next
        }
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func survivesAbsurdClocks(milliseconds: Int64) {
        var generator = UUIDv7.Generator()
        let first = generator.next(milliseconds: milliseconds, random: (0, 0))
        let second = generator.next(milliseconds: milliseconds, random: (0, 0))
        #expect((first.high >> 12) & 0xF == 7)
        #expect(second.high > first.high)
    }

    @Test(arguments: [
        "", "0190", "0190A000-0000-7000-8000-000000000000", "../../etc/passwd", "0190a000-0000-7000-8000-00000000000",
        "0190a000-0000-7000-8000-0000000000000", "0190a000_0000-7000-8000-000000000000",
        "0190a000-0000-7000-8000-00000000000\0", "0190a000-0000-7000-8000-0000000000é",
    ])
    func othersAreNotWellFormed(text: String) {
        #expect(!UUIDv7.isWellFormed(text))
    }
}
