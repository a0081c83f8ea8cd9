import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The node's append-only log of what its runs said since the last checkpoint.
///
/// Appending is one `write(2)`: what is in the journal survives the end of the process, and after ``sync()`` a power cut.
/// The log is a few files in one directory; a file goes when a checkpoint holds all it says. One process may use the
/// directory at a time.
public final class Journal: Sendable {
    private struct State {
        var current: JournalFile?
        /// The length of `current`.
        var length = 0
        var block: [UInt8] = []
        var nextNumber: Int
        /// Full files that are still needed, oldest first.
        var older: [String] = []
    }

    private let directory: String
    private let state: Mutex<State>
    private let syncQueue = DispatchQueue(label: "simple-stream.journal")

    /// Opens the journal in `directory`, which is made when it does not exist.
    ///
    /// - Throws: `storage_unavailable`.
    public init(directory: String) throws(ChatError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ChatError(.storageUnavailable, "The journal's directory cannot be made.", detail: "\(error)")
        }
        self.directory = directory
        let files = try Self.files(in: directory)
        let last = files.last.flatMap(Self.number) ?? 0
        state = Mutex(State(nextNumber: last + 1, older: files))
    }

    /// Appends frames; when it returns, they survive the end of the process.
    ///
    /// - Throws: `storage_unavailable` when the disk is full or broken; then none of them is in the journal.
    package func append(_ frames: [Frame]) throws(ChatError) {
        try state.withLock { (state) throws(ChatError) in
            guard JournalCoding.encode(frames.lazy.map(JournalRecord.init), into: &state.block) else {
                throw ChatError(.internal, "An event is too large for the journal.")
            }
            try openFile(&state).append(state.block, at: state.length)
            state.length += state.block.count
        }
    }

    /// Bytes in the file that is being written.
    package var length: Int { state.withLock { $0.current == nil ? 0 : $0.length } }

    /// Brings everything appended so far to the disk.
    ///
    /// - Throws: `storage_unavailable`.
    package func sync() async throws(ChatError) {
        guard let file = state.withLock({ $0.current }) else { return }
        // Syncing may take as long as the disk likes: not on the threads tasks share, and appends go on meanwhile.
        let result = await withCheckedContinuation { continuation in
            syncQueue.async {
                continuation.resume(returning: Result { () throws(ChatError) in try file.sync() })
            }
        }
        try result.get()
    }

    /// Starts a new file and returns the older ones. When all they say is stored, ``remove(_:)`` them.
    package func rotate() -> [String] {
        state.withLock { state in
            guard let current = state.current, state.length > 0 else { return state.older }
            state.older.append(current.path)
            state.current = nil
            return state.older
        }
    }

    /// Forgets older files.
    package func remove(_ paths: [String]) {
        for path in paths {
            // A file that stays is read again at the next start and found to be stored.
            try? FileManager.default.removeItem(atPath: path)
        }
        let removed = Set(paths)
        state.withLock { $0.older.removeAll { removed.contains($0) } }
    }

    /// What files say, by message and in order, and how many damaged bytes were skipped.
    package struct Contents {
        package var records: [String: [JournalRecord]] = [:]
        package var skipped = 0
        package var files: [String] = []
    }

    /// What the files of earlier processes say.
    package func recover() throws(ChatError) -> Contents {
        try Self.read(state.withLock { $0.older })
    }

    /// What another process's journal says at this moment; nothing when there is no such directory.
    package static func contents(of directory: String) throws(ChatError) -> Contents {
        guard FileManager.default.fileExists(atPath: directory) else { return Contents() }
        return try read(files(in: directory))
    }

    private static func read(_ files: [String]) throws(ChatError) -> Contents {
        var contents = Contents(files: files)
        for path in files {
            let bytes: [UInt8]
            do {
                bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                throw ChatError(.storageUnavailable, "The journal cannot be read.", detail: "\(path): \(error)")
            }
            let decoded = JournalCoding.decode(bytes)
            contents.skipped += decoded.skipped
            for record in decoded.records { contents.records[record.messageID, default: []].append(record) }
        }
        return contents
    }

    private func openFile(_ state: inout State) throws(ChatError) -> JournalFile {
        if let file = state.current { return file }
        let name = String(state.nextNumber)
        let padded = String(repeating: "0", count: max(0, 12 - name.count)) + name
        let file = try JournalFile(creating: "\(directory)/\(padded).journal")
        state.nextNumber += 1
        state.current = file
        state.length = 0
        return file
    }

    private static func files(in directory: String) throws(ChatError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { $0.hasSuffix(".journal") && number($0) != nil }
                .sorted()
                .map { "\(directory)/\($0)" }
        } catch {
            throw ChatError(.storageUnavailable, "The journal's directory cannot be read.", detail: "\(error)")
        }
    }

    private static func number(_ path: String) -> Int? {
        path.split(separator: "/").last.flatMap { Int($0.dropLast(".journal".count)) }
    }
}
