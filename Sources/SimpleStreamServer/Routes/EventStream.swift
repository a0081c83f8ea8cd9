import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

/// The events of one run as `text/event-stream`, to its end.
///
/// A stream that ends without a terminal event means that the reader was too slow or the server went: come back with the
/// last id.
struct EventStream: Sendable {
    let reader: MailboxReader
    /// Ends the stream when its reader is signed out.
    let watch: SocketHub.WatchedStream
    /// Held as long as the stream is open.
    let place: SocketHub.Place
    /// The connection it is written to.
    let channel: any Channel
    let messageID: String
    let keepAlive: Duration

    var response: Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: ResponseBody { writer in
                try await write(to: &writer)
                try await writer.finish(nil)
            }
        )
    }

    private func write(to writer: inout any ResponseBodyWriter) async throws {
        defer { withExtendedLifetime((watch, place)) {} }
        noticeHangUp()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: keepAlive)
                    // Not an event: a reader finds a dead connection by it, and so do we.
                    reader.mailbox.post([.notice([])])
                }
            }
            while let frames = await reader.next() {
                var buffer = ByteBuffer()
                let isOver = append(frames, to: &buffer)
                if isOver { place.giveBack() }
                if buffer.readableBytes > 0 { try await writer.write(buffer) }
                if isOver { return }
            }
        }
    }

    /// Ends the stream, which may have nothing to say for long, as soon as nobody is there to read it.
    private func noticeHangUp() {
        // The connection may live on after the stream, and need not keep its reader.
        channel.closeFuture.whenComplete { [weak reader] _ in reader?.end() }
        // Whether a peer that sends no more still reads is told by what becomes of a write.
        channel.onPeerEnd { [weak reader] in reader?.mailbox.post([.notice([])]) }
    }

    /// - Returns: whether that was the run's end.
    private func append(_ frames: [Frame], to buffer: inout ByteBuffer) -> Bool {
        for frame in frames {
            if frame.json.isEmpty {
                buffer.writeString(": still here\n\n")
            } else if frame.belongs(to: messageID) {
                if frame.kind != .notice { buffer.writeString("id: \(frame.seq)\n") }
                buffer.writeString("data: ")
                buffer.writeBytes(frame.json)
                buffer.writeString("\n\n")
                if frame.kind == .terminal { return true }
            }
        }
        return false
    }
}
