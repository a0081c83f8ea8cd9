import Dispatch
import NIOCore
import Testing

@testable import SimpleStreamServer

@Suite(.timeLimit(.minutes(5))) struct LongReadsTests {
    /// More of the long ones than there are threads for commands, and all of them stuck.
    @Test func shortTextsDoNotWaitForLongOnes() async {
        let reads = LongReads()
        let gate = DispatchSemaphore(value: 0)
        let count = 2 * System.coreCount + 2
        await withTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                group.addTask {
                    await reads.read(LongReads.limit + 1, from: "a") {
                        gate.wait()
                        return number
                    }
                }
            }
            for number in 0..<count {
                let short = await reads.read(LongReads.limit, from: "a") { number }
                #expect(short == number)
            }
            for _ in 0..<count { gate.signal() }
            let done = await group.reduce(into: Set<Int>()) { $0.insert($1) }
            #expect(done == Set(0..<count))
        }
    }

    @Test func anAddressWaitsForItsOwnReads() async {
        let reads = LongReads()
        let gate = DispatchSemaphore(value: 0)
        let (done, continuation) = AsyncStream.makeStream(of: String.self)
        reads.add(from: "a") { gate.wait() }
        for number in 1...5 { reads.add(from: "a") { continuation.yield("a\(number)") } }
        reads.add(from: "b") { continuation.yield("b") }
        gate.signal()
        let order = await done.prefix(6).reduce(into: []) { $0.append($1) }
        #expect(order.filter { $0 != "b" } == ["a1", "a2", "a3", "a4", "a5"])
        #expect(order.prefix(2).contains("b"))
    }
}
