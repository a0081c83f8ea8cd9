import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension ScriptedUpstream {
    /// Serves one connection until either side ends it.
    func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let number = connectionsOpened.advance()
        let endedByScript = Gate()
        do {
            try await connection.executeThenClose { inbound, _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (requests, feed) = AsyncStream<(Request, Int)>.makeStream()
                    group.addTask {
                        for await (request, index) in requests {
                            let isOpen = try await self.play(self.script(request, index), on: connection.channel)
                            guard isOpen else {
                                endedByScript.open()
                                try await connection.channel.close()
                                return
                            }
                        }
                    }
                    defer { group.cancelAll() }
                    var parser = RequestParser(connection: number)
                    for try await buffer in inbound {
                        for request in parser.bytesArrived(buffer.readableBytesView) {
                            feed.yield((request, record(request)))
                        }
                    }
                }
            }
        } catch {
            // Resets by the client and writes after it left end here; both are counted below.
        }
        if endedByScript.count == 0, !Task.isCancelled { connectionsClosed.advance() }
    }

    /// Plays a reply; false when the connection is to be closed.
    private func play(_ reply: Reply, on channel: any Channel) async throws -> Bool {
        var passed: [ObjectIdentifier: Int] = [:]
        for step in reply.steps {
            switch step {
            case .bytes(let bytes):
                try await write(bytes, channel)
            case .endless(let bytes):
                while true { try await write(bytes, channel) }
            case .gate(let gate):
                let turn = passed[ObjectIdentifier(gate), default: 0] + 1
                passed[ObjectIdentifier(gate)] = turn
                try await gate.wait(for: turn)
            case .delay(let duration):
                try await Task.sleep(for: duration)
            case .hold:
                try await Gate().wait()
            case .close:
                return false
            case .reset:
                let abort = linger(l_onoff: 1, l_linger: 0)
                try await (channel as? any SocketOptionProvider)?.setSoLinger(abort).get()
                return false
            }
        }
        return true
    }

    /// Returns when the socket has taken the bytes, so that ``bytesSent`` is exact.
    private func write(_ bytes: [UInt8], _ channel: any Channel) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        recordSent(bytes.count)
    }
}
