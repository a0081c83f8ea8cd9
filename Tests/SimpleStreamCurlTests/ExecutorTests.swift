import HTTPTypes
import SimpleStreamKit
import Synchronization
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// The transport's thread as an executor.
@Suite(.timeLimit(.minutes(3)))
struct ExecutorTests {
    @Test(arguments: EventLoop.Mechanism.allCases)
    func tasksStayOnTheThread(mechanism: EventLoop.Mechanism) async throws {
        let gate = ScriptedUpstream.Gate()
        let reply = ScriptedUpstream.Reply.response(pieces: ["a", "b", "c"], framing: .chunked, gate: gate)
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            #expect(!transport.loop.core.isOnThread)
            try await Task(executorPreference: transport.executor) {
                #expect(transport.loop.core.isOnThread)
                try await transport.get(from: upstream) { _, body in
                    #expect(transport.loop.core.isOnThread)
                    gate.advance()
                    for try await _ in body {
                        #expect(transport.loop.core.isOnThread)
                        gate.advance()
                    }
                    await withTaskGroup { group in
                        for _ in 0..<10 { group.addTask { #expect(transport.loop.core.isOnThread) } }
                    }
                }
                #expect(transport.loop.core.isOnThread)
            }.value
        }
    }

    @Test
    func othersAreNotMovedToTheThread() async throws {
        try await withScriptedUpstream(.sse(events: ["a"])) { upstream in
            let transport = try CurlTransport.test()
            try await transport.get(from: upstream) { _, body in
                #expect(!transport.loop.core.isOnThread)
                for try await _ in body { #expect(!transport.loop.core.isOnThread) }
            }
            #expect(!transport.loop.core.isOnThread)
        }
    }

    @Test @MainActor
    func actorsKeepTheirIsolation() async throws {
        try await withScriptedUpstream(.sse(events: ["a"])) { upstream in
            let transport = try CurlTransport.test()
            try await transport.get(from: upstream) { _, body in
                MainActor.assertIsolated()
                for try await _ in body { MainActor.assertIsolated() }
            }
            MainActor.assertIsolated()
        }
    }

    @Test
    func jobsFromTheThreadDoNotWakeIt() async throws {
        let multi = try CurlMulti()
        let driver = CountingDriver(PollDriver(multi))
        let transport = CurlTransport(environment: [:], loop: try EventLoop(multi, driver))
        await Task(executorPreference: transport.executor) {
            let before = driver.wakeUps
            for _ in 0..<100 { await Task.yield() }
            #expect(driver.wakeUps == before)
        }.value
    }

    @Test(arguments: EventLoop.Mechanism.allCases, [true, false])
    func manyStreamsAtOnce(mechanism: EventLoop.Mechanism, onLoop: Bool) async throws {
        let count = 1000
        let gate = ScriptedUpstream.Gate()
        let pieces = (0..<5).map { "piece \($0);" }
        let reply = ScriptedUpstream.Reply.response(pieces: pieces, framing: .chunked, gate: gate)
        try await withScriptedUpstream(reply) { upstream in
            let transport = try CurlTransport.test(mechanism)
            let received = ScriptedUpstream.Gate()
            try await withThrowingTaskGroup { group in
                for index in 0..<count {
                    group.addTask(executorPreference: onLoop ? transport.executor : nil) {
                        try await transport.get("/\(index)", from: upstream) { _, body in
                            var text = ""
                            for try await chunk in body {
                                text += String(decoding: chunk, as: UTF8.self)
                                received.advance()
                            }
                            #expect(text == pieces.joined())
                        }
                    }
                }
                for step in 1...pieces.count {
                    // All streams are open at the same time: each has got its piece before the next is sent.
                    gate.advance()
                    try await received.wait(for: step * count)
                }
                try await group.waitForAll()
            }
            #expect(upstream.connectionsOpened.count == count)
            #expect(Set(upstream.requests.map(\.path)).count == count)
        }
    }

    @Test(arguments: EventLoop.Mechanism.allCases)
    func theThreadEndsWithTheTransport(mechanism: EventLoop.Mechanism) async throws {
        let ended = ScriptedUpstream.Gate()
        weak var core: LoopCore?
        try await withScriptedUpstream(.json("{}")) { upstream in
            let multi = try CurlMulti()
            let transport = CurlTransport(
                environment: [:],
                loop: try EventLoop(multi, mechanism.driver(for: multi), threadEnded: { ended.advance() })
            )
            core = transport.loop.core
            // The last reference is given up on the thread itself.
            let text = try await Task(executorPreference: transport.executor) {
                try await transport.text(from: upstream)
            }.value
            #expect(text == "{}")
        }
        try await ended.wait()
        #expect(core == nil)
    }

    @Test
    func manyRequestsLeaveNothingOpen() async throws {
        try await withScriptedUpstream(.json("{}")) { upstream in
            let transport = try CurlTransport.test()
            try await Task(executorPreference: transport.executor) {
                for _ in 0..<10_000 {
                    try await transport.get(from: upstream) { _, body in _ = try await body.collect(upTo: 2) }
                }
            }.value
            #expect(upstream.requests.count == 10_000)
            #expect(OpenSockets.count(to: upstream.port) == 1)
            #expect(upstream.connectionsOpened.count == 1)
        }
        try await withScriptedUpstream(CancellationTests.streaming) { upstream in
            let transport = try CurlTransport.test()
            try await Task(executorPreference: transport.executor) {
                for _ in 0..<1000 { try await transport.get(from: upstream) { _, _ in } }
                let open = OpenSockets.count(to: upstream.port)
                #expect(open == 0)
            }.value
            #expect(upstream.requests.count == 1000)
        }
    }
}

/// Counts the wake-ups of a loop.
private final class CountingDriver: LoopDriver {
    private let driver: any LoopDriver
    private let count = Atomic<Int>(0)

    init(_ driver: any LoopDriver) { self.driver = driver }

    var wakeUps: Int { count.load(ordering: .relaxed) }

    func turn(milliseconds: Int32) { driver.turn(milliseconds: milliseconds) }

    func wake() {
        count.add(1, ordering: .relaxed)
        driver.wake()
    }
}
