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
                    await reads.read(LongReads.limit + 1) {
                        gate.wait()
                        return number
                    }
                }
            }
            for number in 0..<count {
                let short = await reads.read(LongReads.limit) { number }
                #expect(short == number)
            }
            for _ in 0..<count { gate.signal() }
            let done = await group.reduce(into: Set<Int>()) { $0.insert($1) }
            #expect(done == Set(0..<count))
        }
    }
}
