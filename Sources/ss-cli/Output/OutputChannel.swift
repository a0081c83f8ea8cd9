import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard output takes no more.
struct OutputClosed: Error {
    /// The system's number for why.
    var reason = EPIPE

    /// Whether the reader has simply read enough.
    var isByReader: Bool { reason == EPIPE }

    /// The system's words for why.
    var description: String {
        guard let text = unsafe strerror(reason) else { return "error \(reason)" }
        return unsafe String(cString: text)
    }
}

/// A standard stream that is written to: unbuffered, in order, and never on the threads tasks share.
final class OutputChannel: Sendable {
    private let descriptor: Int32
    private let queue: DispatchQueue
    let isTerminal: Bool
    /// Whether text may be dimmed.
    let hasStyle: Bool

    init(_ descriptor: Int32, environment: [String: String]) {
        self.descriptor = descriptor
        queue = DispatchQueue(label: "ss-cli.output.\(descriptor)")
        isTerminal = isatty(descriptor) == 1
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        hasStyle = isTerminal && !isPlain && environment["TERM"] != "dumb"
    }

    /// Writes all of `text`, waiting while the reader takes no more.
    ///
    /// - Throws: `OutputClosed` when nobody reads any more.
    func write(_ text: String) async throws(OutputClosed) {
        try await write(Array(text.utf8))
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8]) async throws(OutputClosed) {
        guard !bytes.isEmpty else { return }
        let result: Result<Void, OutputClosed> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                let reason = writeBlocking(bytes)
                continuation.resume(returning: reason == 0 ? .success(()) : .failure(OutputClosed(reason: reason)))
            }
        }
        try result.get()
    }

    /// Writes later, in order.
    ///
    /// What cannot be written is lost: there is nobody to tell.
    func enqueue(_ text: String) {
        let bytes = Array(text.utf8)
        queue.async { [self] in _ = writeBlocking(bytes) }
    }

    /// Returns when everything so far is written.
    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// Returns 0, or the number of the error.
    private func writeBlocking(_ bytes: [UInt8]) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Sound: the pointer is used while the closure runs only.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe sysWrite(descriptor, buffer.baseAddress, buffer.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever started us left the stream non-blocking.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Calls `handler` on a thread of its own when the reader of a pipe or socket goes away.
    func whenReaderLeaves(_ handler: @escaping @Sendable () -> Void) {
        guard isPipe else { return }
        let descriptor = self.descriptor
        // The thread waits until the process ends: there is nothing else to wake it.
        DispatchQueue(label: "ss-cli.output.watch").async {
            while true {
                var wanted = pollfd(fd: descriptor, events: 0, revents: 0)
                let count = unsafe poll(&wanted, 1, -1)
                if count < 0 && errno == EINTR { continue }
                if wanted.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { handler() }
                return
            }
        }
    }

    private var isPipe: Bool {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { return false }
        let kind = info.st_mode & S_IFMT
        return kind == S_IFIFO || kind == S_IFSOCK
    }
}

/// `write(2)`, under a name that the methods above do not shadow.
private func sysWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}
