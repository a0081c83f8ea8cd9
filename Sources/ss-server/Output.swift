#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard output and standard error, unbuffered: also in a file or a pipe a line is there at once.
enum Output {
    /// Tells whoever waits for the server.
    static func say(_ line: String) { put(line, on: STDOUT_FILENO) }

    /// Tells the operator. One write, so that lines of several threads do not mix.
    static func complain(_ line: String) { put(line, on: STDERR_FILENO) }

    /// Ends the process without waiting for anything.
    static func exitNow(_ status: Int32) -> Never { _exit(status) }

    private static func put(_ line: String, on descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        // What nobody can read any more is lost.
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}
