import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What SQLite leaves to us: directories, rights, locks.
enum DatabaseFiles {
    /// Makes the directories above `path` that are missing, for the owner only.
    static func createDirectories(above path: String) throws(ChatError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        if unsafe mkdir(directory, mode_t(0o700)) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw failure("The database's directory cannot be made", directory) }
        try createDirectories(above: directory)
        guard unsafe mkdir(directory, mode_t(0o700)) == 0 || errno == EEXIST else {
            throw failure("The database's directory cannot be made", directory)
        }
    }

    /// Makes an empty file for the owner only, unless there is a file.
    static func create(_ path: String) throws(ChatError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
        if descriptor >= 0 {
            close(descriptor)
        } else if unsafe access(path, R_OK) != 0 {
            throw failure("The database file cannot be opened", path)
        }
    }

    /// Whether there is a file.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The path without symbolic links, so that one file has one lock.
    static func resolved(_ path: String) throws(ChatError) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw failure("The database file is not there", path) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    static func sync(_ path: String) throws(ChatError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("The database's backup cannot be opened", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("The database's backup cannot be synced", path) }
    }

    static func rename(_ path: String, to target: String) throws(ChatError) {
        guard unsafe Self.systemRename(path, target) == 0 else {
            throw failure("The database's backup cannot be renamed", path)
        }
    }

    /// Removes a file.
    ///
    /// What cannot be removed stays; the caller has a worse trouble to tell.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    static func failure(_ what: String, _ path: String, file: String = #fileID, line: Int = #line) -> ChatError {
        let reason = unsafe String(cString: strerror(errno))
        return ChatError(.storageUnavailable, "\(what): \(reason).", detail: path, file: file, line: line)
    }

    @unsafe private static func systemRename(
        _ path: UnsafePointer<CChar>, _ target: UnsafePointer<CChar>
    ) -> Int32 {
        #if canImport(Glibc)
        unsafe Glibc.rename(path, target)
        #elseif canImport(Musl)
        unsafe Musl.rename(path, target)
        #else
        unsafe Darwin.rename(path, target)
        #endif
    }
}

/// The lock of the one server a database file may have.
///
/// Given back when released, also by a crash.
final class ServerLock: Sendable {
    private let descriptor: Int32

    init(databasePath: String) throws(ChatError) {
        let path = "\(databasePath).lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw DatabaseFiles.failure("The database's lock file cannot be opened", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let error =
                isTaken
                ? ChatError(
                    .storageUnavailable,
                    "Another server uses this database. Stop it, or give this one a database of its own.",
                    detail: databasePath)
                : DatabaseFiles.failure("The database cannot be locked", path)
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }
}
