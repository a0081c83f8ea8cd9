#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A blob's file while it is written.
///
/// Every call blocks.
final class BlobFile: Sendable {
    static let unfinishedSuffix = ".part"

    private let path: String
    private let descriptor: Int32

    init(creating path: String) throws(ChatError) {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw Self.failure("The file cannot be stored", path) }
        self.path = path
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws(ChatError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Self.systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("The file cannot be stored", path) }
            written += count
        }
    }

    /// Brings the bytes to the disk and the file to its place.
    func finish(as target: String, in directory: String) throws(ChatError) {
        guard fsync(descriptor) == 0, unsafe rename(path, target) == 0 else {
            throw Self.failure("The file cannot be stored", path)
        }
        try Self.sync(directory)
    }

    // MARK: Files in place

    /// Makes the directory and those above it.
    static func prepare(_ directory: String) throws(ChatError) {
        if unsafe mkdir(directory, mode_t(0o700)) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = directory.lastIndex(of: "/"), slash != directory.startIndex else {
            throw failure("The directory of files cannot be made", directory)
        }
        try prepare(String(directory[..<slash]))
        guard unsafe mkdir(directory, mode_t(0o700)) == 0 || errno == EEXIST else {
            throw failure("The directory of files cannot be made", directory)
        }
    }

    static func read(_ path: String) throws(ChatError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? StoreError.notFound("file") : failure("The file cannot be read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe systemRead(descriptor, $0) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("The file cannot be read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    static func delete(_ path: String) throws(ChatError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("The file cannot be deleted", path) }
    }

    /// Removes what cannot be used.
    ///
    /// What cannot be removed stays, unseen.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Removes what was begun an hour ago or earlier and not finished; what is younger another process may be writing.
    static func removeUnfinished(in directory: String) {
        let limit = UUIDv7.lowest(at: Date(timeIntervalSinceNow: -3600))
        guard let entries = unsafe opendir(directory) else { return }
        defer { unsafe closedir(entries) }
        while let entry = unsafe readdir(entries) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name.hasSuffix(unfinishedSuffix) else { continue }
            let id = String(name.dropLast(unfinishedSuffix.count))
            if UUIDv7.isWellFormed(id), id < limit { remove("\(directory)/\(name)") }
        }
    }

    private static func sync(_ directory: String) throws(ChatError) {
        let descriptor = unsafe open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("The directory of files cannot be synced", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("The directory of files cannot be synced", directory) }
    }

    private static func failure(_ what: String, _ path: String, line: Int = #line) -> ChatError {
        let reason = unsafe String(cString: strerror(errno))
        return ChatError(.storageUnavailable, "\(what): \(reason).", detail: path, line: line)
    }

    @unsafe private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    @unsafe private static func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        unsafe Musl.read(descriptor, bytes.baseAddress, bytes.count)
        #else
        unsafe Darwin.read(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
