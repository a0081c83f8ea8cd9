import Dispatch
import Synchronization

/// Reads what clients send; what is long, on a thread of its own and one after the other, each address in its turn.
///
/// On the threads that all clients' commands share, a few long texts at once would keep every other client waiting. A thread
/// of its own gets its share of the processor, and no more; who sends much there waits for itself.
final class LongReads: Sendable {
    /// What is longer is read apart, in bytes.
    static let limit = 16 << 10

    private struct Waiting {
        /// What each address waits for, in order.
        var reads: [String: [@Sendable () -> Void]] = [:]
        /// The addresses that wait, whose turn is next first.
        var turns: [String] = []
    }

    private let queue = DispatchQueue(label: "simple-stream.long-reads")
    private let waiting = Mutex(Waiting())

    /// Does `work`, which reads `count` bytes that came from `address`.
    func read<R: Sendable>(_ count: Int, from address: String, _ work: @escaping @Sendable () -> R) async -> R {
        guard count > Self.limit else { return work() }
        return await withCheckedContinuation { continuation in
            add(from: address) { continuation.resume(returning: work()) }
        }
    }

    /// Has `read` done in the address's turn.
    func add(from address: String, _ read: @escaping @Sendable () -> Void) {
        waiting.withLock { waiting in
            if waiting.reads[address] == nil { waiting.turns.append(address) }
            waiting.reads[address, default: []].append(read)
        }
        queue.async { self.next()?() }
    }

    /// The first read of the address whose turn it is.
    private func next() -> (@Sendable () -> Void)? {
        waiting.withLock { waiting in
            guard !waiting.turns.isEmpty else { return nil }
            let address = waiting.turns.removeFirst()
            guard var reads = waiting.reads[address], !reads.isEmpty else { return nil }
            let read = reads.removeFirst()
            waiting.reads[address] = reads.isEmpty ? nil : reads
            if !reads.isEmpty { waiting.turns.append(address) }
            return read
        }
    }
}
