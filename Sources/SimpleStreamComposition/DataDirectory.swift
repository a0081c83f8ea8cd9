package import SimpleStreamKit
import Synchronization

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

/// The directory everything of one installation is in. Only its owner can read it.
package struct DataDirectory: Sendable {
    package let path: String
    /// The variable whose value led here.
    private let variable: String

    /// Opens the directory, which is made when it does not exist.
    ///
    /// - Parameter variable: what an operator changes to get another one.
    package init(_ path: String, namedBy variable: String = "SS_DATA_DIR") throws(ConfigurationError) {
        self.path = path
        self.variable = variable
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ConfigurationError(
                variable, "the directory \(path) cannot be made", accepted: "a path below a writable directory")
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw ConfigurationError(
                variable, "the directory \(path) cannot be written", accepted: "a path in a writable directory")
        }
    }

    package var journal: String { "\(path)/journal" }
    package var blobs: String { "\(path)/blobs" }

    /// The node's name: made once, then always the same.
    package func nodeID() throws(ConfigurationError) -> String {
        let id = try kept("node-id") { UUIDv7.make() }
        guard UUIDv7.isWellFormed(id) else {
            throw ConfigurationError(
                variable, "\(path)/node-id does not hold an id",
                accepted: "a file of ours; remove it to get a new one")
        }
        return id
    }

    /// Makes sure that this process runs the only server of the directory, until it ends.
    ///
    /// - Throws: when another process does.
    package func lock() throws(ConfigurationError) {
        let file = "\(path)/server.lock"
        let isLocked = Self.locked.withLock { locked in
            if locked.contains(file) { return true }
            let descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
            guard descriptor >= 0 else { return false }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                return false
            }
            // Stays open, so that the lock ends with the process, however it ends.
            locked.insert(file)
            return true
        }
        guard isLocked else {
            throw ConfigurationError(
                "SS_DATA_DIR", "another server uses \(path)", accepted: "a directory of its own for each server")
        }
    }

    private static let locked = Mutex<Set<String>>([])

    /// The keyring made for this installation.
    package func encryptionKey() throws(ConfigurationError) -> Secret {
        Secret(try kept("encryption-key") { AESGCMKeyVault.makeKey() })
    }

    /// The text of a small file; when there is none, it is made with what `make` returns, readable by the owner only.
    private func kept(_ name: String, _ make: () -> String) throws(ConfigurationError) -> String {
        let file = "\(path)/\(name)"
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        if descriptor >= 0 {
            defer { close(descriptor) }
            let text = Array((make() + "\n").utf8)
            let count = unsafe text.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count == text.count, fsync(descriptor) == 0 else {
                _ = unsafe unlink(file)
                throw ConfigurationError(variable, "\(file) cannot be written", accepted: "a writable directory")
            }
        } else if errno != EEXIST {
            throw ConfigurationError(variable, "\(file) cannot be made", accepted: "a writable directory")
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: file)),
            let line = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first
        else {
            throw ConfigurationError(variable, "\(file) cannot be read", accepted: "a readable file")
        }
        return String(line)
    }
}
