import Dispatch

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps blobs as files in one directory.
///
/// A blob is written beside its place and moved there when it is whole and on the disk.
public final class FileBlobStore: BlobStore {
    private let directory: String
    /// The disk is waited for here, not on the threads that tasks share.
    private let queue = DispatchQueue(label: "simple-stream.blobs", attributes: .concurrent)

    /// Opens the store in `directory`, which is made when it does not exist.
    ///
    /// - Throws: `storage_unavailable`.
    public init(directory: String) throws(ChatError) {
        self.directory = directory
        do {
            let files = FileManager.default
            try files.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // Pieces of uploads that an earlier process did not finish.
            for name in try files.contentsOfDirectory(atPath: directory) where name.hasSuffix(".part") {
                try files.removeItem(atPath: "\(directory)/\(name)")
            }
        } catch {
            throw ChatError(.storageUnavailable, "The directory for attachments cannot be made.", detail: "\(error)")
        }
    }

    public func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        let path = try path(of: id)
        let part = "\(path).part"
        let file = try await onDisk { () throws(ChatError) in try BlobFile(creating: part) }
        do {
            var count = 0
            for try await chunk in bytes {
                count += chunk.count
                guard count <= limit else {
                    throw ChatError(.payloadTooLarge, "The file is larger than \(limit) bytes.")
                }
                try await onDisk { () throws(ChatError) in try file.append(chunk) }
            }
            try await onDisk { () throws(ChatError) in try file.finish(as: path) }
            return count
        } catch {
            // What stays is removed at the next start.
            try? await onDisk { () throws(ChatError) in _ = unsafe unlink(part) }
            throw error
        }
    }

    public func get(_ id: String) async throws(ChatError) -> [UInt8] {
        let path = try path(of: id)
        return try await onDisk { () throws(ChatError) in
            do {
                return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                guard FileManager.default.fileExists(atPath: path) else { throw Self.notFound }
                throw ChatError(.storageUnavailable, "The file cannot be read.", detail: "\(error)")
            }
        }
    }

    public func delete(_ id: String) async throws(ChatError) {
        let path = try path(of: id)
        try await onDisk { () throws(ChatError) in
            guard unsafe unlink(path) == 0 || errno == ENOENT else {
                throw ChatError(.storageUnavailable, "The file cannot be deleted.", detail: "errno \(errno)")
            }
        }
    }

    private static let notFound = ChatError(.notFound, "There is no such file.")

    private func path(of id: String) throws(ChatError) -> String {
        guard UUIDv7.isWellFormed(id) else { throw Self.notFound }
        return "\(directory)/\(id)"
    }

    private func onDisk<T: Sendable>(
        _ work: @escaping @Sendable () throws(ChatError) -> T
    ) async throws(ChatError) -> T {
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}

/// A blob that is being written. Closed when released.
private final class BlobFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(creating path: String) throws(ChatError) {
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw Self.failed("cannot be made") }
        self.path = path
    }

    deinit { close(descriptor) }

    func append(_ bytes: [UInt8]) throws(ChatError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failed("cannot be written") }
            written += count
        }
    }

    func finish(as final: String) throws(ChatError) {
        guard fsync(descriptor) == 0, unsafe rename(path, final) == 0 else { throw Self.failed("cannot be kept") }
    }

    private static func failed(_ what: String) -> ChatError {
        let reason = unsafe String(cString: strerror(errno))
        return ChatError(.storageUnavailable, "The file \(what): \(reason).")
    }
}
