import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads what is piped in.
enum StandardInput {
    /// The most that is taken.
    static let limit = 16 << 20

    /// Everything up to the end, as text without the last line break.
    ///
    /// - Throws: `CommandFailure` for what is no text or too long.
    static func text(_ descriptor: Int32) async throws -> String {
        let bytes = try await bytes(descriptor)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure.usage(
                "Standard input is not UTF-8 text. Pictures and PDF files go with --attach FILE.")
        }
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }

    private static func bytes(_ descriptor: Int32) async throws -> [UInt8] {
        // A pipe may be silent for long: it is waited for on a thread of its own.
        let bytes: [UInt8]? = await withCheckedContinuation { continuation in
            DispatchQueue(label: "ss-cli.input").async { continuation.resume(returning: readBlocking(descriptor)) }
        }
        guard let bytes else { throw CommandFailure.usage("Standard input cannot be read.") }
        guard bytes.count <= limit else {
            throw CommandFailure.usage("Standard input is longer than \(limit >> 20) MiB.")
        }
        return bytes
    }

    /// Nil when it cannot be read; a little more than the limit when it is longer.
    private static func readBlocking(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            // Sound: the pointer is used while the closure runs only.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if count == 0 {
                return bytes
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&wanted, 1, -1)
            } else if errno == EBADF {
                // Started with standard input closed: nothing is piped in.
                return []
            } else if errno != EINTR {
                return nil
            }
        }
        return bytes
    }
}

extension StandardInput {
    /// One line of a terminal.
    static func line(_ descriptor: Int32) async throws -> String {
        let bytes: [UInt8] = await withCheckedContinuation { continuation in
            DispatchQueue(label: "ss-cli.input").async { continuation.resume(returning: lineBlocking(descriptor)) }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure.usage("What was typed is not UTF-8 text.")
        }
        return text
    }

    private static func lineBlocking(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 64 << 10 {
            let count = unsafe read(descriptor, &byte, 1)
            if count == 1 {
                if byte == UInt8(ascii: "\n") { break }
                bytes.append(byte)
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return bytes
    }
}
