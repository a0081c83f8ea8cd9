import Synchronization

/// The run log of one process, in memory and bounded.
///
/// A run that outgrows `bytesPerRun` forgets its older half; ended runs are forgotten after their delay, or oldest first
/// when together they pass `bytesOfEndedRuns`. Readers of what was forgotten get a snapshot.
public final class InProcessRunLog: RunLog {
    private struct Entry {
        var frames: [Frame] = []
        var bytes = 0
        /// The last sequence number that was dropped.
        var droppedSeq = 0
        var expiry: ContinuousClock.Instant?
        var isClosed = false

        mutating func dropOlderHalf() {
            let dropped = frames.count / 2
            droppedSeq = frames[..<dropped].last?.seq ?? droppedSeq
            frames.removeFirst(dropped)
            bytes = frames.reduce(0) { $0 + $1.json.count }
        }
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Ended runs, the first to expire first.
        var ended: [String] = []
        var endedBytes = 0
    }

    private let bytesPerRun: Int
    private let bytesOfEndedRuns: Int
    private let state = Mutex(State())

    /// Makes an empty log.
    ///
    /// - Parameters:
    ///   - bytesPerRun: default 16 MiB.
    ///   - bytesOfEndedRuns: default 64 MiB.
    public init(bytesPerRun: Int = 16 << 20, bytesOfEndedRuns: Int = 64 << 20) {
        self.bytesPerRun = bytesPerRun
        self.bytesOfEndedRuns = bytesOfEndedRuns
    }

    public func append(_ frames: [Frame], to messageID: String) async throws(ChatError) {
        try state.withLock { (state) throws(ChatError) in
            // Taken out, so that appending copies nothing.
            var entry = state.entries.removeValue(forKey: messageID) ?? Entry()
            defer { state.entries[messageID] = entry }
            guard !entry.isClosed else { throw ChatError(.interrupted, "The run belongs to another node.") }
            for frame in frames {
                entry.bytes += frame.json.count
                entry.frames.append(frame)
            }
            if entry.bytes > bytesPerRun { entry.dropOlderHalf() }
        }
    }

    public func frames(of messageID: String, after seq: Int) async throws(ChatError) -> [Frame]? {
        state.withLock { state in
            guard let entry = state.entries[messageID], seq >= entry.droppedSeq else { return nil }
            if entry.isClosed, entry.frames.isEmpty { return nil }
            let last = entry.frames.last?.seq ?? entry.droppedSeq
            guard seq <= last else { return nil }
            let start = entry.frames.partitionIndex { $0.seq > seq }
            return Array(entry.frames[start...])
        }
    }

    public func close(_ messageID: String) async throws(ChatError) {
        state.withLock { $0.entries[messageID, default: Entry()].isClosed = true }
    }

    public func expire(_ messageID: String, after delay: Duration) async {
        let now = ContinuousClock.now
        state.withLock { state in
            guard var entry = state.entries[messageID], entry.expiry == nil else { return }
            entry.expiry = now + delay
            state.entries[messageID] = entry
            state.ended.append(messageID)
            state.endedBytes += entry.bytes
            forgetEnded(&state, at: now)
        }
    }

    private func forgetEnded(_ state: inout State, at now: ContinuousClock.Instant) {
        var forgotten = 0
        for id in state.ended {
            guard let entry = state.entries[id], let expiry = entry.expiry else {
                forgotten += 1
                continue
            }
            guard expiry <= now || state.endedBytes > bytesOfEndedRuns else { break }
            state.entries[id] = nil
            state.endedBytes -= entry.bytes
            forgotten += 1
        }
        state.ended.removeFirst(forgotten)
    }
}

extension Array {
    /// The index of the first element that fulfils `condition`, in an array where all that do stand last.
    fileprivate func partitionIndex(where condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
