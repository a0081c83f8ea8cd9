internal import CLibPQ
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ends another thread's wait for a socket.
final class WakeUp: Sendable {
    /// Readable after ``signal()``.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(PostgresError) {
        #if os(Linux)
        readEnd = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        writeEnd = readEnd
        #else
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        #endif
        guard readEnd >= 0, writeEnd >= 0 else {
            throw PostgresError(kind: .unreachable, detail: "no descriptor for a thread, errno \(errno)")
        }
    }

    deinit {
        close(readEnd)
        if writeEnd != readEnd { close(writeEnd) }
    }

    func signal() {
        var one: UInt64 = 1
        _ = unsafe write(writeEnd, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes it unreadable again.
    func reset() {
        var count: UInt64 = 0
        while unsafe read(readEnd, &count, MemoryLayout<UInt64>.size) > 0 {}
    }

    /// Waits for a signal, and with a descriptor for it to be readable or writable too.
    ///
    /// - Parameter milliseconds: -1 waits for ever.
    /// - Returns: whether the descriptor is ready; errors and hang-ups count.
    func wait(_ descriptor: Int32 = -1, forWriting: Bool = false, milliseconds: Int32) -> Bool {
        var entries = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if descriptor >= 0 {
            let events = forWriting ? POLLIN | POLLOUT : POLLIN
            entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        }
        let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
        guard count > 0 else { return false }
        if entries[0].revents != 0 { reset() }
        return entries.count > 1 && entries[1].revents != 0
    }
}
