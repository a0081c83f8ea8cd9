import Dispatch

/// Reads what clients send; what is long, on a thread of its own and one after the other.
///
/// On the threads that all clients' commands share, a few long texts at once would keep every other client waiting. A thread
/// of its own gets its share of the processor, and no more.
struct LongReads: Sendable {
    /// What is longer is read apart, in bytes.
    static let limit = 16 << 10

    private let queue = DispatchQueue(label: "simple-stream.long-reads")

    /// Does `work`, which reads `count` bytes.
    func read<R: Sendable>(_ count: Int, _ work: @escaping @Sendable () -> R) async -> R {
        guard count > Self.limit else { return work() }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
