import Foundation
import SimpleStreamKit
import Testing

struct EventTimeTests {
    /// REST and events name the same millisecond, also where a binary fraction is a little too small.
    @Test func everyMillisecondIsWrittenAsItIs() throws {
        let second = 1_795_625_007_000
        for millisecond in 0..<1000 {
            let date = Date(storedMilliseconds: Int64(second + millisecond))
            let digits = String(String(1000 + millisecond).dropFirst())
            #expect(date.iso8601 == "2026-11-25T16:43:27.\(digits)Z")
            #expect(date.milliseconds == second + millisecond)
        }
    }

    @Test func whatLiesBetweenIsRoundedAsInEvents() {
        let date = Date(timeIntervalSince1970: 1_795_625_007.9996)
        #expect(date.iso8601 == "2026-11-25T16:43:28.000Z")
        #expect(date.milliseconds == 1_795_625_008_000)
    }
}
