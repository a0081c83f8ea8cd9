#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
import Synchronization

/// Keeps everything in memory, for programs that need no history beyond their own life.
///
/// It follows the same rules as the stores on disk, transactions and fences included; "durable" means until the process
/// ends. Memory grows with what is stored.
public final class InMemoryStore: Store {
    private let state = Mutex(InMemoryState())
    private let clock: @Sendable () -> Date

    /// Makes an empty store.
    ///
    /// - Parameter now: the clock leases and activity go by.
    public init(now: @escaping @Sendable () -> Date = { Date() }) {
        self.clock = now
    }

    var now: Date { clock().asStored }

    /// One transaction: nobody else sees a part of it.
    func transaction<R: Sendable>(
        _ body: (inout InMemoryState) throws(ChatError) -> R
    ) throws(ChatError) -> R {
        try state.withLock { state throws(ChatError) in try body(&state) }
    }
}
