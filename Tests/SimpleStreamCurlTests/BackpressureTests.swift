import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamCurl

/// Bytes that nobody pulls stop the sender.
@Suite(.timeLimit(.minutes(2)))
struct BackpressureTests {
    @Test(arguments: EventLoop.Mechanism.allCases, [true, false])
    func unreadBytesAreBounded(mechanism: EventLoop.Mechanism, onLoop: Bool) async throws {
        let size = 64 << 20
        let block = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let large = ScriptedUpstream.Reply.head(
            headers: [("content-length", "\(size)")],
            then: .bytes(block)
        )
        let whole = ScriptedUpstream.Reply(
            large.steps + Array(repeating: .bytes(block), count: size / block.count - 1)
        )
        try await withScriptedUpstream(whole) { upstream in
            let transport = try CurlTransport.test(mechanism)
            try await Task(executorPreference: onLoop ? transport.executor : nil) {
                try await transport.get(from: upstream) { _, body in
                    try await withScriptedUpstream(whole) { other in
                        // While this one runs through, the first one has all the time it needs to be sent.
                        let count = try await transport.get(from: other) { _, body in
                            var count = 0
                            for try await chunk in body { count += chunk.count }
                            return count
                        }
                        #expect(count == size)
                    }
                    // The kernel alone may buffer 32 MiB and more for a connection.
                    #expect(upstream.bytesSent < 48 << 20)
                    var position = 0
                    for try await chunk in body {
                        #expect(chunk.count <= Exchange.highWaterMark + (16 << 10))
                        let isIntact = chunk.first == block[position % block.count]
                        if !isIntact { Issue.record("bytes out of order at \(position)") }
                        position += chunk.count
                    }
                    #expect(position == size)
                }
            }.value
        }
    }
}
