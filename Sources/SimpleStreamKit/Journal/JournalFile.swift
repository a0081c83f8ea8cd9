#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One open, append-only file. Closed when released.
final class JournalFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Makes an empty file; an older one of that name is replaced.
    init(creating path: String) throws(ChatError) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
        descriptor = unsafe open(path, flags, mode_t(0o600))
        guard descriptor >= 0 else { throw .journal("cannot be opened", path: path, errno: errno) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Appends all bytes, or none: what a full disk let through beyond `length`, the length so far, is cut off again.
    func append(_ bytes: [UInt8], at length: Int) throws(ChatError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno
                // A torn tail that cannot be cut off is skipped by its checksum when it is read.
                _ = ftruncate(descriptor, off_t(length))
                throw .journal("cannot be written", path: path, errno: reason)
            }
            written += count
        }
    }

    /// Brings what was appended to the disk.
    func sync() throws(ChatError) {
        #if canImport(Darwin)
            let result = fsync(descriptor)
        #else
            let result = fdatasync(descriptor)
        #endif
        guard result == 0 else { throw .journal("cannot be synced", path: path, errno: errno) }
    }
}

extension ChatError {
    static func journal(_ what: String, path: String, errno code: Int32) -> ChatError {
        let reason = unsafe String(cString: strerror(code))
        return ChatError(.storageUnavailable, "The journal \(what): \(reason).", detail: path)
    }
}
